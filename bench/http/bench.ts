import { loadavg } from "node:os";
import { type Rate, Rates } from "../rounds.ts";
import { formatMs, formatRate, formatRatio } from "../report/format.ts";
import type { TableMaker } from "../report/table.ts";
import { target, targetTable } from "../report/targets.ts";
import { median } from "../data/median.ts";
import { describeHost } from "../runtime.ts";
import { Worker } from "../worker/worker.ts";
import { HTTP_CONTENDERS, PEER } from "./contenders.ts";
import type { Load } from "./load.ts";
import { HTTP_WORKLOADS, type HttpWorkloadName, KEYS } from "./workloads.ts";

const CONNECTIONS = 16;
const WORKLOAD_NAMES = Object.keys(HTTP_WORKLOADS) as HttpWorkloadName[];
const NAMES = Object.keys(HTTP_CONTENDERS);

interface Measured {
  readonly rates: Record<string, Rate>;
  /** Of each round. */
  readonly loads: Record<string, Load[]>;
}

/** Measures stores that are served over HTTP, beside the same protocol over a Redis. */
export async function benchHttp(
  isQuick: boolean,
  seed: number,
  table: TableMaker,
  progress: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  const date = new Date().toISOString();
  const [load] = loadavg();
  const host = describeHost();
  const plan = { seed, rounds: isQuick ? 3 : 7, seconds: isQuick ? 1 : 3, connections: CONNECTIONS };
  const measured = await race(plan, progress);
  progress("");
  const targets = WORKLOAD_NAMES.filter((workload) => HTTP_WORKLOADS[workload].commands > 1).flatMap((workload) =>
    NAMES.filter((name) => name !== PEER).map((name) => {
      const ratio = rateOf(measured, name, workload) / rateOf(measured, PEER, workload);
      return target(`${workload}, ${name}, to ${PEER}`, "≥ 1x", ratio, (x) => x >= 1, formatRatio);
    })
  );
  const rows = WORKLOAD_NAMES.flatMap((workload) => NAMES.map((name) => rowOf(measured, name, workload)));
  const text = [
    `${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores, load ${load.toFixed(1)}; seed ${seed}`,
    `Requests of autocannon on ${CONNECTIONS} connections, to ${
      KEYS.toLocaleString("en")
    } keys with values of 100 bytes; medians of ${plan.rounds} rounds`,
    table(["request", "server", "commands/s", "p50", "p99"], rows, 2),
    targetTable(targets, table),
  ].join("\n");
  return { text, json: { date, host, load, plan, ...measured, targets } };
}

interface HttpPlan {
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

async function race(plan: HttpPlan, progress: (text: string) => void): Promise<Measured> {
  const rates = new Rates();
  const loads: Record<string, Load[]> = {};
  const client = new Worker({ runtime: "node" });
  const servers = NAMES.map((name) => ({ name, worker: new Worker() }));
  try {
    const ports: Record<string, number> = {};
    for (const { name, worker } of servers) {
      progress(`starting ${name}`);
      ports[name] = (await worker.ask("serveHttp", { contender: name })).port;
    }
    // The first round is for the compiler, and does not count.
    for (let round = 0; round <= plan.rounds; round++) {
      for (const workload of WORKLOAD_NAMES) {
        for (const name of NAMES) {
          progress(`round ${round} of ${plan.rounds}: ${workload}, ${name}`);
          const { connections, seconds } = plan;
          const request = { port: ports[name], workload, connections, seconds, seed: plan.seed + round };
          const load = await client.ask("loadHttp", request);
          if (round === 0) continue;
          const key = keyOf(name, workload);
          rates.note(key, load.requests * HTTP_WORKLOADS[workload].commands, load.ms);
          (loads[key] ??= []).push(load);
        }
      }
    }
  } finally {
    await Promise.all([client, ...servers.map(({ worker }) => worker)].map((worker) => worker.close()));
  }
  return { rates: rates.all(), loads };
}

function keyOf(name: string, workload: HttpWorkloadName): string {
  return `${workload}, ${name}`;
}

function rateOf({ rates }: Measured, name: string, workload: HttpWorkloadName): number {
  return rates[keyOf(name, workload)].median;
}

function rowOf(measured: Measured, name: string, workload: HttpWorkloadName): string[] {
  const loads = measured.loads[keyOf(name, workload)];
  const times = (["p50", "p99"] as const).map((which) => formatMs(median(loads.map((load) => load[which]))));
  return [workload, name, formatRate(rateOf(measured, name, workload)), ...times];
}
