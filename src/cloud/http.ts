// One HTTP request to an object store, and what its failure means.

import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { RequestError } from "./object_storage.ts";

/** `fetch`, or something that does the same. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** A request, signed and complete. */
export interface HttpRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Headers | Record<string, string>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** An answer that has come to its end. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes;
}

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
const NOT_IMPLEMENTED = 501;
const MISSING_BUCKETS = ["NoSuchBucket", "ContainerNotFound"];
/** What S3 says with 400 and 409 of requests that it may well carry out the next time. */
const TRANSIENT = ["RequestTimeout", "IncompleteBody", "OperationAborted", "ConditionalRequestConflict"];

/** The global `fetch` as it is when it is called: some runtimes refuse it another `this`. */
export const globalFetch: Fetch = (input, init) => fetch(input, init);

/** What is to be made of an answer. */
export interface SendOptions {
  /** What cannot be done when it is refused. */
  readonly what: string;
  /** Whether it says how things are, so that it is no error. */
  readonly isAnswer: (answer: HttpResponse) => boolean;
  /** Whether something was done about a refusal, such that another attempt may succeed. */
  readonly cure: (answer: HttpResponse) => boolean;
}

/**
 * Makes a request. Resolves when it was carried out, and to what `isAnswer` says yes to. `CONFIG` when the bucket is not there, else a
 * `RequestError`.
 */
export async function send(
  fetch: Fetch,
  request: HttpRequest,
  { what, isAnswer, cure }: SendOptions,
): Promise<HttpResponse> {
  const { url, signal, ...init } = request;
  const isWrite = request.method === "PUT" || request.method === "DELETE";
  const unanswered = (cause: unknown) => {
    const why = signal?.aborted ? "the server has not answered in time" : `the connection failed: ${reasonOf(cause)}`;
    return new RequestError(`Cannot ${what}: ${why}`, { isTransient: true, mayHaveHappened: isWrite, cause });
  };
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal, redirect: "manual" } as RequestInit);
  } catch (error) {
    throw unanswered(error);
  }
  let body: Bytes = new Uint8Array(0);
  try {
    body = new Uint8Array(await response.arrayBuffer());
    assertWhole(response, body);
  } catch (error) {
    // That something was written has been said already.
    if (!response.ok || !isWrite) throw unanswered(error);
  }
  const answer = { status: response.status, headers: response.headers, body };
  if (response.ok) return answer;
  if (MISSING_BUCKETS.includes(errorCode(answer))) {
    throw new StorageError("CONFIG", `Cannot ${what}: there is no such bucket (${explain(answer)})`);
  }
  if (isAnswer(answer)) return answer;
  throw refusal(answer, what, isWrite, cure(answer));
}

/** Not every runtime minds an answer that ends too early. */
function assertWhole({ status, headers }: Response, body: Bytes): void {
  const length = headers.get("content-length");
  if (status !== 200 || length === null || headers.has("content-encoding")) return;
  if (body.length !== Number(length)) throw new Error(`the answer ends after ${body.length} of ${length} bytes`);
}

function refusal(answer: HttpResponse, what: string, isWrite: boolean, isCured: boolean): StorageError {
  const { status, headers } = answer;
  if (status < 400) {
    const advice = "check region and endpoint";
    return new StorageError("CONFIG", `Cannot ${what}: the bucket is elsewhere (${explain(answer)}); ${advice}`);
  }
  const isServers = status >= 500 && status !== NOT_IMPLEMENTED || status === REQUEST_TIMEOUT;
  const verb = status === UNAUTHORIZED || status === FORBIDDEN ? "forbids it" : isServers ? "fails" : "refuses";
  return new RequestError(`Cannot ${what}: the server ${verb} (${explain(answer)})`, {
    status,
    isTransient: isCured || isServers || status === TOO_MANY_REQUESTS || TRANSIENT.includes(errorCode(answer)),
    mayHaveHappened: isWrite && isServers,
    retryAfterMs: retryAfterMs(headers),
  });
}

/** `Retry-After` in milliseconds: it is seconds, or a date. */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message || message || String(error);
}

/** What the server calls the reason, where it names one. */
export function errorCode({ headers, body }: HttpResponse): string {
  return headers.get("x-ms-error-code") ?? firstTag(textOf(body), "Code") ?? "";
}

function explain(answer: HttpResponse): string {
  const words = [`status ${answer.status}`, errorCode(answer), firstTag(textOf(answer.body), "Message")];
  return words.filter((word) => word).join(", ").slice(0, 300);
}

const decoder = new TextDecoder();

export function textOf(body: Bytes): string {
  return decoder.decode(body);
}

/**
 * The text of the first element `name` of an answer in XML; `null` when there is none. Answers are flat, and what is taken from them
 * are names, numbers and codes: a parser would be the larger part of a bundle for the edge.
 */
export function firstTag(xml: string, name: string): string | null {
  const start = xml.indexOf(`<${name}>`);
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start);
  return end < 0 ? null : unescape(xml.slice(start + name.length + 2, end));
}

/** What is in each element `name` of an answer in XML. */
export function allTags(xml: string, name: string): string[] {
  return xml.split(`<${name}>`).slice(1).map((part) => part.slice(0, part.indexOf(`</${name}>`)));
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Our own names need no escaping, but there may be others in a bucket, and one of them may be where a list goes on. */
function unescape(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex, decimal, name) =>
      hex || decimal ? String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)) : ENTITIES[name] ?? whole,
  );
}
