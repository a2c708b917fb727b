import { type Reply, ReplyError, Status } from "../commands/reply.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** So many arguments a call takes at a time. */
const CHUNK = 8192;

/** How strings are written: as they are, or the base64 of their bytes. */
export type Encoding = "text" | "base64";

/** A reply as Upstash sends it: `{"result":…}` or `{"error":…}`. */
export function toJson(reply: Reply, encoding: Encoding): string {
  if (reply instanceof ReplyError) return errorJson(reply.message);
  // OK alone is not encoded.
  const isOk = reply instanceof Status && reply.text === "OK";
  return `{"result":${isOk ? '"OK"' : valueJson(reply, encoding)}}`;
}

export function errorJson(message: string): string {
  return `{"error":${JSON.stringify(message)}}`;
}

function valueJson(reply: Reply, encoding: Encoding): string {
  // Integers of 64 bits keep all digits, for clients that can read them.
  if (typeof reply === "number" || typeof reply === "bigint") return String(reply);
  if (Array.isArray(reply)) return `[${reply.map((item) => valueJson(item, encoding)).join()}]`;
  if (reply instanceof Uint8Array) {
    return encoding === "base64" ? `"${toBase64(reply)}"` : JSON.stringify(decoder.decode(reply));
  }
  const text = reply instanceof Status ? reply.text : reply;
  if (typeof text !== "string") return "null";
  return encoding === "base64" ? `"${toBase64(encoder.encode(text))}"` : JSON.stringify(text);
}

function toBase64(bytes: Uint8Array): string {
  const { toBase64: native } = bytes as { toBase64?: () => string };
  if (native !== undefined) return native.call(bytes);
  let letters = "";
  for (let at = 0; at < bytes.length; at += CHUNK) letters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(letters);
}
