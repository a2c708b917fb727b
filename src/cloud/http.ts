// One HTTP request to an object store, and what its failure means.

import type { Bytes } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { RequestError } from "./object_storage.ts";

/** `fetch`, or something that does the same. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** A request, signed and complete. */
export interface HttpRequest {
  readonly method: "GET" | "PUT" | "DELETE" | "POST";
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

/** The statuses that say how things are, and no more: whether there is an object, and of which version. */
const ANSWERS = [304, 404, 409, 412];
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
const MISSING_BUCKETS = ["NoSuchBucket", "ContainerNotFound"];

/** The global `fetch` as it is when it is called: some runtimes refuse it another `this`. */
export const globalFetch: Fetch = (input, init) => fetch(input, init);

/**
 * Makes a request. Resolves when it was carried out, and to answers of the statuses 304, 404, 409 and 412. `what` says what cannot be done
 * otherwise, `cure` whether something was done about an answer, such that another attempt may succeed. `CONFIG` when there is no such bucket,
 * else a `RequestError`.
 */
export async function send(
  fetch: Fetch,
  request: HttpRequest,
  what: string,
  cure: (answer: HttpResponse) => boolean = () => false,
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
  } catch (error) {
    // That something was written has been said already.
    if (!response.ok || !isWrite) throw unanswered(error);
  }
  const answer = { status: response.status, headers: response.headers, body };
  if (response.ok) return answer;
  if (MISSING_BUCKETS.includes(errorCode(answer))) {
    throw new StorageError("CONFIG", `Cannot ${what}: there is no such bucket (${explain(answer)})`);
  }
  if (ANSWERS.includes(answer.status)) return answer;
  throw refusal(answer, what, isWrite, cure(answer));
}

function refusal(answer: HttpResponse, what: string, isWrite: boolean, isCured: boolean): StorageError {
  const { status, headers } = answer;
  if (status < 400) {
    const advice = "check region and endpoint";
    return new StorageError("CONFIG", `Cannot ${what}: the bucket is elsewhere (${explain(answer)}); ${advice}`);
  }
  const isServers = status >= 500 || status === REQUEST_TIMEOUT;
  const verb = status === UNAUTHORIZED || status === FORBIDDEN ? "forbids it" : isServers ? "fails" : "refuses";
  return new RequestError(`Cannot ${what}: the server ${verb} (${explain(answer)})`, {
    status,
    isTransient: isCured || isServers || status === TOO_MANY_REQUESTS,
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
 * are names of our own, numbers and codes: a parser would be the larger part of a bundle for the edge.
 */
export function firstTag(xml: string, name: string): string | null {
  const start = xml.indexOf(`<${name}>`);
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start);
  return end < 0 ? null : xml.slice(start + name.length + 2, end);
}

/** What is in each element `name` of an answer in XML. */
export function allTags(xml: string, name: string): string[] {
  return xml.split(`<${name}>`).slice(1).map((part) => part.slice(0, part.indexOf(`</${name}>`)));
}
