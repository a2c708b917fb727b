// The operations of a cloud store that need nothing but the records of their keys, by name.

import type { StorageEngine } from "../engine.ts";
import type { Records } from "../records/records.ts";
import { copy } from "../types/copy.ts";
import * as keys from "../types/keys.ts";
import { OPERATIONS as COLLECTIONS, READS as READS_OF_COLLECTIONS } from "../types/operations.ts";
import * as strings from "../types/strings.ts";

/** Those on strings, and on keys of any type. */
const KEY_OPERATIONS: Partial<Record<keyof StorageEngine, unknown>> = {
  del: keys.del,
  exists: keys.exists,
  expire: keys.expire,
  persist: keys.persist,
  ttl: keys.ttl,
  type: keys.type,
  rename: keys.rename,
  copy,
  incrBy: strings.incrBy,
  append: strings.append,
  getRange: strings.getRange,
  setRange: strings.setRange,
  strlen: strings.strlen,
};

/** A method of a store as a function over its records. */
type Operation = (records: Records, ...args: unknown[]) => unknown;

export const OPERATIONS: Record<string, Operation> = { ...COLLECTIONS, ...KEY_OPERATIONS } as Record<string, Operation>;

/** Those that change nothing. */
export const READS: ReadonlySet<string> = new Set([
  ...READS_OF_COLLECTIONS,
  "exists",
  "ttl",
  "type",
  "getRange",
  "strlen",
]);
