// What servers answer, in XML.

import type { ShelfPart } from "./shelf.ts";

/** A request as it has arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Takes apart what `fetch` was given. It throws for what no runtime sends as it is. */
export function arrive(input: string, init: RequestInit): Arrived {
  init.signal?.throwIfAborted();
  if (init.redirect !== "manual") throw new Error("a redirect would be followed, with what authorizes the request");
  // To a text `fetch` adds a content type, which nobody has signed.
  if (init.body != null && !(init.body instanceof Uint8Array)) throw new Error("the body is not made of bytes");
  const body = (init.body ?? new Uint8Array(0)) as Uint8Array<ArrayBuffer>;
  return { method: init.method!, url: new URL(input), headers: new Headers(init.headers), body };
}

/** A request that is refused. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string = "") {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function refusalOf({ status, code, message }: Refusal, now: number): Response {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${
    escape(message)
  }</Message></Error>`;
  return new Response(status === 304 ? null : xml, {
    status,
    headers: { "content-type": "application/xml", date: new Date(now).toUTCString() },
  });
}

/** A part of a list as ListObjectsV2 gives it. */
export function listOf(bucket: string, { entries, isTruncated }: ShelfPart): Response {
  const contents = entries.map(([name, { body, tag }]) =>
    `<Contents><Key>${escape(name)}</Key><ETag>${escape(tag)}</ETag><Size>${body.length}</Size></Contents>`
  );
  const token = isTruncated ? `<NextContinuationToken>${tokenOf(entries.at(-1)![0])}</NextContinuationToken>` : "";
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
      `<Name>${bucket}</Name><IsTruncated>${isTruncated}</IsTruncated>${token}${contents.join("")}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
}

/** What the query of a list asks for. */
export function listQueryOf({ searchParams }: URL): { prefix: string; after: string; limit: number } {
  if (searchParams.get("list-type") !== "2") throw new Refusal(400, "InvalidArgument", "not the list of version 2");
  const token = searchParams.get("continuation-token");
  const limit = Number(searchParams.get("max-keys") ?? 1000);
  if (!Number.isInteger(limit) || limit < 0) throw new Refusal(400, "InvalidArgument", "max-keys is no number");
  return {
    prefix: searchParams.get("prefix") ?? "",
    after: token !== null ? nameOf(token) : searchParams.get("start-after") ?? "",
    limit: Math.min(1000, limit),
  };
}

function tokenOf(name: string): string {
  return btoa(encodeURIComponent(name));
}

function nameOf(token: string): string {
  try {
    return decodeURIComponent(atob(token));
  } catch {
    throw new Refusal(400, "InvalidArgument", "The continuation token provided is incorrect");
  }
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
