// What a URL says: the command in its path, and options behind it, as `/set/key/value?EX=100`.

import type { Argument } from "../commands/command.ts";
import { textOf } from "../commands/parse.ts";
import { ReplyError } from "../commands/reply.ts";

export interface Location {
  /** The parts of the path. */
  readonly path: readonly Argument[];
  /** Names and values of the query, in their order, without the secret. */
  readonly query: readonly Argument[];
}

const TOKEN = "_token";
const encoder = new TextEncoder();

/** Reads a URL as it came, since a `URL` would take `..` for a step up. The path begins behind `skipped` of its parts. */
export function readLocation(url: string, skipped: number): Location {
  const [path, query] = split(url);
  const parts = path.split("/").slice(skipped);
  if (parts.at(-1) === "") parts.pop();
  return { path: parts.map(decode), query: readQuery(query).filter(([name]) => name !== TOKEN).flat() };
}

/** The secret in the query of a URL, if there is one. */
export function tokenOf(url: string): string | null {
  const [, query] = split(url);
  const pair = readQuery(query).find(([name]) => name === TOKEN);
  return pair === undefined ? null : textOf(pair[1] ?? "");
}

/** Path and query of a URL. */
function split(url: string): [path: string, query: string] {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?");
  if (end < 0) return [start < 0 ? "" : url.slice(start + 1), ""];
  return [start < 0 || start > end ? "" : url.slice(start + 1, end), url.slice(end + 1)];
}

/** Pairs, or names alone where there is no value. */
function readQuery(query: string): Argument[][] {
  if (query === "") return [];
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const parts = pair.replaceAll("+", " ").split(/=(.*)/s, 2);
    return parts.filter((part) => part !== "").map(decode);
  });
}

/** What a part of a URL stands for: bytes, where these are no UTF-8. */
function decode(part: string): Argument {
  if (!part.includes("%")) return part;
  if (/%(?![\da-f]{2})/i.test(part)) throw new ReplyError("ERR failed to parse command: invalid URL escape");
  try {
    return decodeURIComponent(part);
  } catch {
    const bytes: number[] = [];
    for (const [piece, code] of part.matchAll(/%([\da-f]{2})|[^%]+/gi)) {
      if (code === undefined) bytes.push(...encoder.encode(piece));
      else bytes.push(parseInt(code, 16));
    }
    return Uint8Array.from(bytes);
  }
}
