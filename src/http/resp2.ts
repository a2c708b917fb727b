import { toBytes } from "../arguments.ts";
import { NoArray, type Reply, ReplyError, Status } from "../commands/reply.ts";

const encoder = new TextEncoder();
const CR_LF = encoder.encode("\r\n");

/** Replies as Redis sends them (RESP2), one after another. */
export function toResp2(replies: readonly Reply[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const reply of replies) write(parts, reply);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function write(parts: Uint8Array[], reply: Reply): void {
  const line = (text: string) => parts.push(encoder.encode(`${text}\r\n`));
  if (reply === null) line("$-1");
  else if (reply instanceof NoArray) line("*-1");
  else if (reply instanceof Status) line(`+${reply.text}`);
  else if (reply instanceof ReplyError) line(`-${reply.message}`);
  else if (typeof reply === "number" || typeof reply === "bigint") line(`:${reply}`);
  else if (Array.isArray(reply)) {
    line(`*${reply.length}`);
    for (const item of reply) write(parts, item);
  } else {
    const bytes = toBytes(reply as string | Uint8Array);
    line(`$${bytes.length}`);
    parts.push(bytes, CR_LF);
  }
}
