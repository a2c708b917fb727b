// The words that commands are refused with. Clients look for them, so they are Redis's to the letter.

import { StorageError, type StorageErrorCode } from "../errors.ts";
import { ReplyError } from "./reply.ts";

export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
export const NOT_INTEGER = "ERR value is not an integer or out of range";
export const NOT_FLOAT = "ERR value is not a valid float";
export const OUT_OF_RANGE = "ERR value is out of range";
export const NOT_POSITIVE = "ERR value is out of range, must be positive";
export const SYNTAX = "ERR syntax error";
export const NO_KEY = "ERR no such key";
export const INDEX_OUT_OF_RANGE = "ERR index out of range";
export const OVERFLOWS = "ERR increment or decrement would overflow";
export const NOT_FINITE = "ERR increment would produce NaN or Infinity";
export const NOT_A_SCORE = "ERR resulting score is not a number (NaN)";
export const TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
export const NOT_SCORE_RANGE = "ERR min or max is not a float";
export const NOT_LEX_RANGE = "ERR min or max not valid string range item";
export const BAD_CURSOR = "ERR invalid cursor";
export const BAD_DATABASE = "ERR DB index is out of range";

/** What a command says for errors of a store, where that is not what the others say. */
export type ErrorWords = Partial<Record<StorageErrorCode, string>>;

/** What a request can be the reason of; the store's other errors are none of the client's business. */
const WORDS: ErrorWords = {
  WRONG_TYPE,
  NOT_INTEGER,
  NOT_FLOAT,
  OUT_OF_RANGE,
  OUT_OF_MEMORY: "OOM command not allowed when used memory > 'maxmemory'.",
};
const SPEAKING: ReadonlySet<StorageErrorCode> = new Set(["TOO_LARGE", "CONFLICT", "UNSUPPORTED"]);

export function syntaxError(): ReplyError {
  return new ReplyError(SYNTAX);
}

export function wrongArity(name: string): ReplyError {
  return new ReplyError(`ERR wrong number of arguments for '${name}' command`);
}

/** For what a store cannot do as a whole. */
export function notAtomic(what: string): ReplyError {
  return new ReplyError(`ERR ${what} needs transactions, which this store does not have`);
}

/**
 * What a command answers when it has failed. What is neither a refusal nor an error of the store is thrown on: stores throw
 * things of their own to run a step again.
 */
export function toReplyError(error: unknown, words: ErrorWords = {}): ReplyError {
  if (error instanceof ReplyError) return error;
  if (!(error instanceof StorageError)) throw error;
  const text = words[error.code] ?? WORDS[error.code];
  if (text !== undefined) return new ReplyError(text);
  if (SPEAKING.has(error.code)) return new ReplyError(`ERR ${error.message}`);
  // These messages name files, buckets and servers.
  if (error.code !== "UNAVAILABLE") return new ReplyError("ERR internal error of the store", error);
  const isUnknown = error.outcome === "unknown";
  return new ReplyError(
    `ERR the store is unavailable${isUnknown ? "; the command may have taken effect" : ""}`,
    error,
  );
}
