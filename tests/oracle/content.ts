import type { Key } from "@ferrite/storage";
import { type Command, command } from "./command.ts";
import { allOf as allEntries } from "./commands/hashes.ts";
import { everyKey, ttl, type } from "./commands/keys.ts";
import { allOf as allElements } from "./commands/lists.ts";
import { allOf as allMembers } from "./commands/sets.ts";
import { allOf as allScored } from "./commands/sorted_sets.ts";
import { BYTES_OR_NULL } from "./reply.ts";

/**
 * Commands that compare all that is held: type, expiry, and content, which is read as every type, so that all but one
 * of these are refused.
 */
export function content(keys: readonly Key[]): Command[] {
  const family = "content";
  const reads = keys.flatMap((key) => [
    type(key),
    ttl(key),
    command("get", [key], ["GET", key], BYTES_OR_NULL),
    allElements(key),
    allEntries(key),
    allMembers(key),
    allScored(key),
  ]);
  return [...reads, everyKey({ count: 10 })].map((command) => ({ ...command, family }));
}
