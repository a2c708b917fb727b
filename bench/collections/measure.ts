import { loadavg } from "node:os";
import { describeHost } from "../runtime.ts";
import { inOwnProcess } from "../worker/in_own_process.ts";
import { type Memory, WEIGHED } from "./memory.ts";
import type { CollectionsPlan } from "./plan.ts";
import { race } from "./race.ts";
import type { CollectionsResults } from "./results.ts";
import { STALL_CASES, type Stalls } from "./stalls.ts";
import { GROUP_TITLES, GROUPS } from "./workloads.ts";

export async function measure(plan: CollectionsPlan, progress: (text: string) => void): Promise<CollectionsResults> {
  const date = new Date().toISOString();
  const [loadBefore] = loadavg();
  const { rows, absent, redisVersion } = await race(plan, progress);
  const isAbsent = (name: string) => absent.some(({ contender }) => contender === name);
  const memory: Memory[] = [];
  for (const contender of WEIGHED.filter((name) => !isAbsent(name))) {
    await inOwnProcess(async (worker) => {
      for (const memoryCase of GROUPS) {
        progress(`memory of ${GROUP_TITLES[memoryCase]}: ${contender}`);
        memory.push(await worker.ask("weighCollections", { contender, memoryCase, plan }));
      }
    });
  }
  const stalls: Stalls[][] = [];
  for (let run = 1; run <= plan.stalls.runs && !isAbsent("ferrite"); run++) {
    const cases: Stalls[] = [];
    for (const stallCase of STALL_CASES) {
      progress(`stalls of ${GROUP_TITLES[stallCase]}: run ${run} of ${plan.stalls.runs}`);
      cases.push(...await inOwnProcess((worker) => worker.ask("collectionStalls", { stallCase, plan })));
    }
    stalls.push(cases);
  }
  progress("");
  return { date, host: describeHost(), loadBefore, plan, redisVersion, rows, absent, memory, stalls };
}
