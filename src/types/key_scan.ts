import { readScanOptions } from "../arguments.ts";
import type { Core } from "../core/core.ts";
import type { Bytes, ScanOptions, ScanResult } from "../engine.ts";
import { matchesGlob } from "../glob.ts";
import type { Keyspace } from "../records/keyspace.ts";
import { typeOf } from "./keys.ts";

/** One step over all keys. */
export function scanKeys(keyspace: Keyspace, options: ScanOptions): ScanResult {
  const { cursor, count, pattern } = readScanOptions(options);
  const { core } = keyspace;
  const keys: Bytes[] = [];
  const next = keyspace.scan(cursor, count, (record) => {
    if (keyspace.isExpired(record)) return;
    if (options.type !== undefined && typeOf(core.kindOf(record)) !== options.type) return;
    if (pattern === null || matchesKey(core, record, pattern)) keys.push(core.copyKey(record));
  });
  return { cursor: next, keys };
}

function matchesKey(core: Core, record: number, pattern: Uint8Array): boolean {
  const start = core.keyStart(record);
  return matchesGlob(pattern, core.bytes, start, start + core.keyLength(record));
}
