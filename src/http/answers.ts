import { ReplyError } from "../commands/reply.ts";
import { StorageError } from "../errors.ts";
import { errorJson } from "./json.ts";

/** Answers are for whoever asked, and are nothing but data. */
export const HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;
const JSON_HEADERS = { ...HEADERS, "Content-Type": "application/json" };

/** That a client goes away before it has sent all is no failure of ours. */
export const UNREADABLE = "ERR failed to read the request body";

export function json(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...JSON_HEADERS, ...headers } });
}

export function refuse(status: number, message: string, headers: Record<string, string> = {}): Response {
  return json(status, errorJson(message), headers);
}

/** More than one request may have. */
export class TooLong extends ReplyError {}

/** What a refusal of a whole request is answered with. */
export function statusOf(error: ReplyError): number {
  if (error instanceof TooLong) return 413;
  if (error.cause === undefined) return 400;
  return error.cause instanceof StorageError && error.cause.code === "UNAVAILABLE" ? 503 : 500;
}
