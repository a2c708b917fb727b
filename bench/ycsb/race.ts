import { temporaryDirectory } from "../rivals/directory.ts";
import type { RuntimeName } from "../runtime.ts";
import { type Absent, askAll, type Runner } from "../runners.ts";
import { Worker } from "../worker/worker.ts";
import type { Piece } from "../worker/piece.ts";
import type { TablePlan } from "../hybridlog/plan.ts";
import { type Rate, Rates } from "../rounds.ts";
import { dropCache } from "../hybridlog/squeezed/drop_cache.ts";
import { limitMemory, type MemoryLimit } from "../hybridlog/squeezed/memory_limit.ts";
import type { TableInfo, TableWeight } from "../hybridlog/worker/protocol.ts";
import type { CallTimes } from "./time_each.ts";
import { WRITE_SHARE, type YcsbWorkload } from "./workloads.ts";

/** One face of one contender. */
export interface YcsbRow {
  label: string;
  contender: string;
  isAwaited: boolean;
  lanes: number;
  rates: Partial<Record<YcsbWorkload, Rate>>;
  /** Calls in a second of processor time: of the threads in the background too. */
  cpuRates: Partial<Record<YcsbWorkload, Rate>>;
  efforts: Partial<Record<YcsbWorkload, Effort>>;
}

/** What calls cost beside time. */
export interface Effort {
  calls: number;
  /** `null` where the store does not tell. */
  diskReads: number | null;
  /** To files, `null` where the system does not tell, and of keys and values that were given. */
  bytesWritten: number | null;
  userBytes: number;
}

export interface YcsbRace {
  plan: TablePlan;
  rows: YcsbRow[];
  /** Keys a second. */
  loads: Record<string, number>;
  /** After the load. */
  weights: Record<string, TableWeight>;
  /** Of those that were asked for. */
  callTimes: Record<string, CallTimes>;
  /** Of each process, where there was one. */
  limitBytes: number | null;
  absent: Absent[];
}

export interface RaceOptions {
  table: TablePlan;
  contenders: readonly string[];
  workloads: readonly YcsbWorkload[];
  /** Whether other faces take part than the best: those that have many calls under way at a time. */
  hasLanes: boolean;
  /** The runtime of this process if not given. */
  runtime?: RuntimeName;
  /** For how long each call is timed in the end, if at all. */
  timesEachMs?: number;
  rounds: number;
  operations: number;
  limitMs: number;
  warmUpMs: number;
  seed: number;
  loadsAtRandom: boolean;
  /** What a process may have beside what it takes before it has a store; it begins with nothing in the page cache then. */
  memoryBytes?: number;
}

const KEY_BYTES = 14;

/** Has all contenders do all workloads on a table, in turn in each round. */
export async function race(options: RaceOptions, progress: (text: string) => void): Promise<YcsbRace> {
  const { table, workloads, rounds, warmUpMs, limitMs, seed, memoryBytes, loadsAtRandom } = options;
  const absent: Absent[] = [];
  const result: YcsbRace = { plan: table, rows: [], loads: {}, weights: {}, callTimes: {}, limitBytes: null, absent };
  const runners = await openAll(options, absent);
  try {
    await askAll(runners, absent, async ({ name, worker }) => {
      progress(`load of ${name}`);
      const { operations, ms } = await worker.ask("loadTable", { seed: loadsAtRandom ? seed : null });
      result.loads[name] = operations / ms * 1_000;
      result.weights[name] = await worker.ask("weighTable", {});
    });
    if (memoryBytes !== undefined) {
      const most = Math.max(...Object.values(result.weights).map(({ before }) => before.anonBytes ?? before.rssBytes));
      result.limitBytes = most + memoryBytes;
      for (const runner of runners) await squeeze(runner, table, result.limitBytes, absent);
    }
    for (const workload of workloads) {
      for (let round = 1 - Math.ceil(warmUpMs / limitMs); round <= 0; round++) {
        progress(`${workload}: warm-up`);
        await runRound(runners, workload, round, options, absent, () => {});
      }
      const rates = new Rates();
      const cpuRates = new Rates();
      for (let round = 1; round <= rounds; round++) {
        progress(`${workload}: round ${round} of ${rounds}`);
        await runRound(runners, workload, round, options, absent, (row, timing, effort) => {
          rates.note(row.label, timing.operations, timing.ms);
          row.rates[workload] = rates.get(row.label);
          cpuRates.note(row.label, timing.operations, timing.cpuMs);
          row.cpuRates[workload] = cpuRates.get(row.label);
          row.efforts[workload] = sum(row.efforts[workload], effort);
        });
      }
    }
    if (options.timesEachMs !== undefined) {
      const plan = { operations: options.operations, limitMs: options.timesEachMs, seed };
      await askAll(runners, absent, async ({ name, worker }) => {
        progress(`each call of ${name}`);
        result.callTimes[name] = await worker.ask("timeEach", { plan });
      });
    }
  } finally {
    await Promise.all(runners.map(({ worker }) => worker.close()));
    for (const runner of runners) await runner.remove();
  }
  result.rows = runners.flatMap(({ rows }) => rows);
  return result;
}

/** A contender with its table, in its process. */
class YcsbRunner implements Runner {
  readonly name: string;
  readonly rows: YcsbRow[] = [];
  readonly faces: TableInfo["faces"] = [];
  readonly directory: { path: string; remove: () => void } = temporaryDirectory();
  worker: Worker;
  limit: MemoryLimit | undefined;

  constructor(name: string, runtime: RuntimeName | undefined) {
    this.name = name;
    this.worker = new Worker({ runtime });
  }

  async open(plan: TablePlan): Promise<TableInfo> {
    return await this.worker.ask("openTable", { contender: this.name, directory: this.directory.path, plan });
  }

  async remove(): Promise<void> {
    await this.limit?.remove();
    this.directory.remove();
  }
}

async function openAll({ contenders, table, hasLanes, runtime }: RaceOptions, absent: Absent[]): Promise<YcsbRunner[]> {
  const runners: YcsbRunner[] = [];
  for (const name of contenders) {
    const runner = new YcsbRunner(name, runtime);
    try {
      const { faces } = await runner.open(table);
      for (const face of faces) {
        const { label, isAwaited, lanes } = face;
        if (lanes > 1 && !hasLanes && face !== faces[0]) continue;
        runner.faces.push(face);
        runner.rows.push({ label, contender: name, isAwaited, lanes, rates: {}, cpuRates: {}, efforts: {} });
      }
      runners.push(runner);
    } catch (error) {
      absent.push({ contender: name, reason: (error as Error).message });
      await runner.worker.close();
      await runner.remove();
    }
  }
  return runners;
}

/** Has a contender go on in a process with little memory. */
async function squeeze(runner: YcsbRunner, plan: TablePlan, bytes: number, absent: Absent[]): Promise<void> {
  if (!runner.worker.isAlive) return;
  await runner.worker.close();
  dropCache(runner.directory.path);
  runner.limit = limitMemory(bytes);
  runner.worker = new Worker({ through: runner.limit.through });
  await askAll([runner], absent, () => runner.open(plan));
}

type Note = (row: YcsbRow, timing: Piece, effort: Effort) => void;

/** Rounds up to 0 are those that warm up. */
async function runRound(
  runners: YcsbRunner[],
  workload: YcsbWorkload,
  round: number,
  options: RaceOptions,
  absent: Absent[],
  note: Note,
): Promise<void> {
  const { table: { valueBytes }, operations, limitMs, workloads } = options;
  // Each round has an order of its own, the same one for all contenders.
  const seed = options.seed + round * 10_000 + workloads.indexOf(workload) * 1_000;
  await askAll(runners, absent, async ({ worker, faces, rows }) => {
    for (const [at, { label, workloads }] of faces.entries()) {
      // One face warms the store for all.
      if (!workloads.includes(workload) || (round <= 0 && at !== firstWith(workload, faces))) continue;
      // So has each face: what another one has just read would be in caches.
      const plan = { operations, limitMs, seed: seed + at };
      const { timing, diskReads, bytesWritten } = await worker.ask("runTable", { label, workload, plan });
      // The lead-in is in there too, and reading back what was written.
      const userBytes = timing.end * WRITE_SHARE[workload] * (KEY_BYTES + valueBytes);
      note(rows[at], timing, { calls: timing.end, diskReads, bytesWritten, userBytes });
    }
  });
}

function firstWith(workload: YcsbWorkload, faces: TableInfo["faces"]): number {
  return faces.findIndex(({ workloads }) => workloads.includes(workload));
}

function sum(a: Effort | undefined, b: Effort): Effort {
  if (a === undefined) return b;
  return {
    calls: a.calls + b.calls,
    diskReads: a.diskReads === null || b.diskReads === null ? null : a.diskReads + b.diskReads,
    bytesWritten: a.bytesWritten === null || b.bytesWritten === null ? null : a.bytesWritten + b.bytesWritten,
    userBytes: a.userBytes + b.userBytes,
  };
}
