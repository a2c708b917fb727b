import type { AllPlan } from "../all/plan.ts";
import { saveRecord } from "../all/records.ts";
import { formatBytes } from "../hybridlog/format.ts";
import { DURABLE } from "../hybridlog/durable/contenders.ts";
import { raceWriters } from "../hybridlog/durable/race.ts";
import type { Findings, Part } from "../part.ts";
import { formatRate } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { describeHost, type Host } from "../runtime.ts";
import { inOwnProcess } from "../worker/in_own_process.ts";
import { race } from "../ycsb/race.ts";
import type { YcsbWorkload } from "../ycsb/workloads.ts";

/** Calls a second of each contender, at each of the sizes; `null` where it did not take part. */
export interface Growth {
  title: string;
  /** What the sizes are, and how each reads. */
  axis: string;
  sizes: number[];
  rates: Record<string, (number | null)[]>;
}

export interface GrowthRecord {
  date: string;
  isQuick: boolean;
  host: Host;
  rounds: number;
  growths: Growth[];
}

const MB = 2 ** 20;
const WORKLOADS: readonly YcsbWorkload[] = ["C", "A"];
const VERBS = { C: "reads", A: "reads and overwrites, half and half" };

interface GrowthPlan {
  rounds: number;
  operations: number;
  limitMs: number;
  warmUpMs: number;
  keys: number[];
  valueBytes: number[];
  /** Of all keys, where values grow. */
  dataBytes: number;
  callers: number[];
  readKeys: number;
  readOperations: number;
}

function growthPlan(isQuick: boolean): GrowthPlan {
  return isQuick
    ? {
      rounds: 3,
      operations: 50_000,
      limitMs: 60,
      warmUpMs: 60,
      keys: [10_000, 100_000],
      valueBytes: [100, 10_000, 1_000_000],
      dataBytes: 16 * MB,
      callers: [1, 100],
      readKeys: 100_000,
      readOperations: 50_000,
    }
    : {
      rounds: 5,
      operations: 400_000,
      limitMs: 250,
      warmUpMs: 500,
      keys: [10_000, 100_000, 1_000_000, 10_000_000],
      valueBytes: [100, 1_000, 10_000, 100_000, 1_000_000],
      dataBytes: 128 * MB,
      callers: [1, 10, 100, 1_000],
      readKeys: 1_000_000,
      readOperations: 500_000,
    };
}

/** How cost grows with the number of keys, the size of values, and how many call at a time. */
export const growth: Part<AllPlan> = {
  title: "How cost grows",
  async measure({ isQuick, seed, directory }, table, progress): Promise<Findings> {
    const plan = growthPlan(isQuick);
    const record: GrowthRecord = {
      date: new Date().toISOString(),
      isQuick,
      host: describeHost(),
      rounds: plan.rounds,
      growths: [],
    };
    for (const measure of [growKeys, growValues, growReaders, growWriters]) {
      record.growths.push(...await measure(plan, seed, progress));
      saveRecord(directory, "growth", record);
    }
    return { text: record.growths.map((one) => report(one, table)).join("\n"), json: record, targets: [] };
  },
};

type Measure = (plan: GrowthPlan, seed: number, progress: (text: string) => void) => Promise<Growth[]>;

const growKeys: Measure = (plan, seed, progress) =>
  growTables(
    { title: "Keys, with values of 100 bytes", axis: "keys" },
    plan.keys.map((keys) => ({ size: keys, keys, valueBytes: 100 })),
    { ...plan, seed },
    progress,
  );

const growValues: Measure = (plan, seed, progress) =>
  growTables(
    { title: `Values, of ${formatBytes(plan.dataBytes)} in all`, axis: "bytes of a value" },
    plan.valueBytes.map((valueBytes) => ({
      size: valueBytes,
      keys: Math.floor(plan.dataBytes / valueBytes),
      valueBytes,
    })),
    { ...plan, seed },
    progress,
  );

/** A budget in which all data fits but the largest. */
const BUDGET = { budgetBytes: 512 * MB, writeBytes: 192 * MB };
const TABLE_CONTENDERS = ["ferrite memory", "ferrite", "lmdb", "classic-level", "SQLite"];

async function growTables(
  { title, axis }: { title: string; axis: string },
  tables: { size: number; keys: number; valueBytes: number }[],
  plan: GrowthPlan & { seed: number },
  progress: (text: string) => void,
): Promise<Growth[]> {
  const growths = WORKLOADS.map((workload): Growth => ({
    title: `${title}: ${VERBS[workload as "C" | "A"]}`,
    axis,
    sizes: tables.map(({ size }) => size),
    rates: {},
  }));
  for (const [at, { size, keys, valueBytes }] of tables.entries()) {
    const options = {
      ...plan,
      table: { keys, valueBytes, ...BUDGET },
      contenders: TABLE_CONTENDERS,
      workloads: WORKLOADS,
      hasLanes: false,
      loadsAtRandom: false,
    };
    const { rows } = await race(options, (text) => progress(`${size.toLocaleString("en")} ${axis}: ${text}`));
    for (const [i, workload] of WORKLOADS.entries()) {
      for (const contender of TABLE_CONTENDERS) {
        const rates = rows.filter((row) => row.contender === contender).map((row) => row.rates[workload]?.median ?? 0);
        note(growths[i], contender, at, Math.max(0, ...rates));
      }
    }
  }
  return growths;
}

const growReaders: Measure = async ({ callers, readKeys, readOperations, rounds }, seed, progress) => {
  const growths: Growth[] = [];
  for (const order of ["uniform", "hot"] as const) {
    progress(`callers that read, ${order}`);
    const request = { callers, keys: readKeys, operations: readOperations, rounds, order, seed };
    const rates = await inOwnProcess((worker) => worker.ask("measureReaders", request));
    const keys = order === "hot" ? "1,000 hot ones" : "any";
    growths.push({
      title: `Callers that await reads, of ${keys} of ${readKeys.toLocaleString("en")} keys in memory`,
      axis: "callers",
      sizes: callers,
      rates,
    });
  }
  return growths;
};

const growWriters: Measure = async ({ callers, rounds, limitMs, readKeys }, seed, progress) => {
  const growth: Growth = {
    title: "Callers that await writes of 100 bytes, each on the disk when it is answered",
    axis: "callers",
    sizes: callers,
    rates: {},
  };
  for (const [at, writers] of callers.entries()) {
    const request = { writers, keys: readKeys, limitMs: 2 * limitMs, rounds, seed, group: "flushed" };
    const { rates } = await raceWriters(request, (text) => progress(`${writers} writers: ${text}`));
    for (const name of Object.keys(DURABLE)) {
      if (rates[name] !== undefined) note(growth, name, at, rates[name].median);
    }
  }
  return [growth];
};

function note(growth: Growth, contender: string, at: number, rate: number): void {
  const rates = growth.rates[contender] ??= growth.sizes.map(() => null);
  if (rate > 0) rates[at] = rate;
}

function report({ title, axis, sizes, rates }: Growth, table: TableMaker): string {
  const head = [axis, ...sizes.map((size) => size.toLocaleString("en"))];
  const lines = Object.entries(rates).map(([name, ofSizes]) => [
    name,
    ...ofSizes.map((rate) => rate === null ? "–" : formatRate(rate)),
  ]);
  return `${title}, calls a second:\n${table(head, lines, 1)}`;
}
