// The methods of a store that do something with keys, by name.

import { OPERATIONS, READS } from "./operations.ts";

/** Methods beside those of the data types, and whether they write. */
const METHODS: Record<string, boolean> = {
  get: false,
  mget: false,
  exists: false,
  ttl: false,
  type: false,
  getRange: false,
  strlen: false,
  scan: false,
  size: false,
  stats: false,
  set: true,
  mset: true,
  del: true,
  update: true,
  incrBy: true,
  append: true,
  setRange: true,
  expire: true,
  persist: true,
  rename: true,
  copy: true,
  transact: true,
  clear: true,
};

/** Whether a method of a store writes. */
export function isWrite(name: string): boolean {
  return METHODS[name] ?? !READS.has(name);
}

/** The names of all methods that do something with keys. */
export function methodNames(): string[] {
  return [...Object.keys(METHODS), ...Object.keys(OPERATIONS)];
}
