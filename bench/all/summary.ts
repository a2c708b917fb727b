import { markdownTable } from "../report/markdown.ts";
import type { Target } from "../report/targets.ts";
import { loadRecord } from "./records.ts";
import type { SuiteRecord } from "./suite.ts";

/** A number that the project was to reach, and the targets of a suite that tell whether it has. */
interface Number {
  readonly what: string;
  readonly promise: string;
  readonly suite: string;
  readonly targets: RegExp;
}

/** Those of the design, in its order, and of the issues after it. */
const NUMBERS: readonly Number[] = [
  number("a uniform get of a million keys, to `lmdb`", "≥ 5x", "keys", /^get uniform, to lmdb$/),
  number("… to `classic-level` and SQLite", "≥ 8x", "keys", /^get uniform, to (classic-level|SQLite)$/),
  number("… to a JavaScript `Map` with fresh strings", "≥ 1x", "keys", /^get uniform, to a Map/),
  number("… to native FASTER (C++)", "≥ 75 %", "keys", /^get uniform, to native FASTER/),
  number("… awaited, to the same answered at once", "≥ 60 %", "keys", /^get uniform awaited/),
  number("`mget` of 64, to single gets", "≥ 2.5x", "keys", /^mget of 64/),
  number("`set` in memory, to `lmdb`'s put", "≥ 5x", "keys", /^set \(update uniform\)/),
  number("bytes of an entry in memory, beyond key and value", "≤ 40", "keys", /^bytes per entry/),
  number("longest write while growing to ten million keys", "≤ 5 ms", "keys", /^longest write/),
  number("durable sets, 1,000 writers, to `lmdb`", "≥ 8x", "hybridlog", /^always, .* to lmdb/),
  number("… to bare `write` and `fdatasync` of the same bytes", "≥ 30 %", "hybridlog", /^always, .* to write/),
  number(
    "eight times the memory, C, 100 B and 1 KB, to `classic-level`",
    "≥ 2x",
    "hybridlog",
    /^YCSB C, .* to classic/,
  ),
  number("… to `lmdb`", "≥ 1.3x", "hybridlog", /^YCSB C, .* to lmdb$/),
  number("… to RocksDB", "≥ 5x", "hybridlog", /^YCSB C, .* to rocksdb$/),
  number("… A, to `lmdb`, RocksDB and SQLite in batches of 1,000", "≥ 6x", "hybridlog", /^YCSB A, .*, batched$/),
  number("… A, to the same, each call by itself as ours", "≥ 6x", "hybridlog", /^YCSB A, .*, each call$/),
  number("… F, to `lmdb` and SQLite in batches of 1,000", "≥ 6x", "hybridlog", /^YCSB F, .*, batched$/),
  number("… F, to `lmdb`, RocksDB and SQLite, each call by itself", "≥ 6x", "hybridlog", /^YCSB F, .*, each call$/),
  number("little page cache, C and A, to ourselves without the read cache", "≥ 2x", "hybridlog", /^squeezed .* itself/),
  number("… to the fastest rival", "≥ 1x", "hybridlog", /^squeezed .* rival$/),
  number("bytes in memory for a key on disk", "≤ 16", "hybridlog", /^bytes of index/),
  number("opening with the saved index, a GB of it", "≤ 1 s", "hybridlog", /^opening with the index/),
  number("opening without it, records a second", "≥ 1 M", "hybridlog", /^opening without it/),
  number("longest gap of the event loop: flush, commit, compaction, …", "≤ 5 ms", "hybridlog", /^longest gap/),
  number("a million elements: `zadd`, `zrank`", "≥ 0.4 M/s", "collections", /^(zadd new|zrank) at/),
  number("… `zscore`, `hset`, `hget`", "≥ 0.9 M/s", "collections", /^(zscore|hset new|hget) at/),
  number("… `lindex`", "≥ 1.5 M/s", "collections", /^lindex at/),
  number("… `rpush`", "≥ 4 M/s", "collections", /^rpush at/),
  number("… cost of 15 calls there, to that at a thousand", "as Redis's", "collections", /: cost at/),
  number("longest call while they grow or are dropped", "≤ 5 ms", "collections", /^longest call/),
  number("bundle of the cloud store for the edge (gzip)", "≤ 40 KB", "edge", /^bundle/),
  number("its import in a new process: Node, Deno, Bun", "≤ 20 ms", "edge", /^cold import/),
  number("calls to a bucket on loopback, to bare `aws4fetch`", "≥ 90 %", "cloud", / to aws4fetch$/),
  number("a read that the cache answers, to one of a store in memory", "≤ 2x", "cloud", /^a hit/),
  number("pipelines of 100 over HTTP, to Hono, `ioredis` and Redis", "≥ 1x", "http", /^100 /),
  number("the ADR's cache, 99th percentile", "< 1 ms", "scenarios", /^cache:/),
  number("… session store, durable", "< 5 ms", "scenarios", /^sessions:/),
  number("… time series, durable", "< 10 ms", "scenarios", /^series:/),
  number("… archive in a bucket", "< 100 ms", "scenarios", /^archive:/),
];

function number(what: string, promise: string, suite: string, targets: RegExp): Number {
  return { what, promise, suite, targets };
}

/** More of them than this are told by their range. */
const MOST_FIGURES = 4;

/** What was asked for and what was measured, a line for each number. */
export function summaryTable(directory: string): string {
  const lines = NUMBERS.map(({ what, promise, suite, targets }) => {
    const found = loadRecord<SuiteRecord>(directory, suite)?.targets?.filter(({ name }) => targets.test(name)) ?? [];
    return [what, promise, found.length === 0 ? "–" : figures(found)];
  });
  return markdownTable(["what", "asked for", "measured"], lines);
}

/** What was measured; what was missed stands out. */
function figures(targets: readonly Target[]): string {
  const missed = targets.filter(({ isReached }) => isReached === false);
  const told = targets.length <= MOST_FIGURES ? targets : missed;
  const all = told.map(({ measured, isReached }) => isReached === false ? `**${measured}**` : measured).join(", ");
  if (targets.length <= MOST_FIGURES) return all;
  return missed.length === 0
    ? `all ${targets.length} reached`
    : `${targets.length - missed.length} of ${targets.length} reached; ${all}`;
}
