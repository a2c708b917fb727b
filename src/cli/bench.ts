import type { Command } from "commander";
import { setImmediate } from "node:timers/promises";
import { createStorage } from "../create.ts";
import { StorageError } from "../errors.ts";
import { configOf, type Options, toCount, toNumber } from "./options.ts";
import { printJson } from "./results.ts";
import type { Terminal } from "./terminal.ts";
import { type Store, WORKLOADS } from "./workloads.ts";

/** So many calls are made one after another before the event loop gets a turn. */
const CALLS_PER_TURN = 16;

interface BenchOptions {
  readonly seconds: number;
  readonly concurrency: number;
  readonly keys: number;
  readonly valueSize: number;
  readonly only?: string;
}

/** What came of a workload. Times are in microseconds. */
interface Figures {
  readonly workload: string;
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export function addBenchCommand(program: Command, terminal: Terminal): void {
  program.command("bench")
    .description("measure calls on the store of the configuration, under keys that are removed afterwards")
    .option("--seconds <number>", "how long each workload runs", toNumber, 2)
    .option("--concurrency <count>", "calls under way at a time", toCount, 64)
    .option("--keys <count>", "keys that are written and read", toCount, 10_000)
    .option("--value-size <bytes>", "how long values are", toCount, 100)
    .option("--only <names>", `some of ${Object.keys(WORKLOADS).join(", ")}, with commas between them`)
    .action((options: BenchOptions) => bench(program, terminal, options));
}

async function bench(program: Command, terminal: Terminal, options: BenchOptions): Promise<void> {
  const names = options.only?.split(",") ?? Object.keys(WORKLOADS);
  const unknown = names.find((name) => !Object.hasOwn(WORKLOADS, name));
  if (unknown !== undefined) {
    throw new StorageError("CONFIG", `Cannot measure ${unknown}: there are ${Object.keys(WORKLOADS).join(", ")}`);
  }
  const { json } = program.opts<Options>();
  await using store = await createStorage(await configOf(program)) as Store;
  const prefix = `ferrite:bench:${crypto.randomUUID()}:`;
  if (!json) terminal.print(row(["", "calls", "calls/s", "p50 µs", "p99 µs", "p99.9 µs", "max µs"]));
  const all: Figures[] = [];
  try {
    for (const name of names) {
      const figures = await measure(name, store, prefix, options);
      all.push(figures);
      if (json) continue;
      const { workload, calls, callsPerSecond, p50, p99, p999, max } = figures;
      const times = [p50, p99, p999, max].map((time) => time.toFixed(1));
      terminal.print(row([workload, `${calls}`, callsPerSecond.toFixed(0), ...times]));
    }
  } finally {
    await removeAll(store, prefix);
  }
  if (json) printJson(terminal, all);
}

function row([first, ...others]: string[]): string {
  return `${first.padEnd(10)}${others.map((text) => text.padStart(12)).join("")}\n`;
}

/** Makes calls for so long, so many at a time. The first that fails ends it. */
async function measure(name: string, store: Store, prefix: string, options: BenchOptions): Promise<Figures> {
  const { prepare, call } = WORKLOADS[name];
  const value = new Uint8Array(options.valueSize).fill(120);
  const target = { store, keyOf: (i: number) => `${prefix}${name}:${i}`, keys: options.keys, value };
  if (prepare !== undefined) await inLanes(options.concurrency, target.keys, (i) => prepare(target, i));
  const times = new Times();
  const start = performance.now();
  const end = start + options.seconds * 1000;
  await inLanes(options.concurrency, Infinity, async () => {
    const begin = performance.now();
    if (begin >= end) return false;
    await call(target, Math.floor(Math.random() * target.keys));
    times.add((performance.now() - begin) * 1000);
  });
  const seconds = (performance.now() - start) / 1000;
  const [p50, p99, p999, max] = times.quantiles([0.5, 0.99, 0.999, 1]);
  return { workload: name, calls: times.count, callsPerSecond: times.count / seconds, p50, p99, p999, max };
}

/** Runs something with 0, 1, 2 and so on, so many at a time, until it says `false`. */
async function inLanes(lanes: number, count: number, run: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let calls = 1; next < count; calls++) {
      if (await run(next++) === false) return;
      // Calls that are answered at once would keep files and sockets waiting.
      if (calls % CALLS_PER_TURN === 0) await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** How long calls have taken: every one of them, as sampling would lose the slowest. */
class Times {
  #times = new Float32Array(65_536);
  count = 0;

  add(time: number): void {
    if (this.count === this.#times.length) {
      const longer = new Float32Array(this.count * 2);
      longer.set(this.#times);
      this.#times = longer;
    }
    this.#times[this.count++] = time;
  }

  /** The times that these shares of all calls do not exceed. */
  quantiles(shares: readonly number[]): number[] {
    const sorted = this.#times.subarray(0, this.count).sort();
    return shares.map((share) => sorted[Math.max(0, Math.ceil(share * this.count) - 1)] ?? 0);
  }
}

async function removeAll(store: Store, prefix: string): Promise<void> {
  for await (const key of store.keys({ match: `${prefix}*` })) await store.del(key);
}
