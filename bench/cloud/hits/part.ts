import { formatRate, formatRatio } from "../../report/format.ts";
import { target } from "../../report/targets.ts";
import { type Rate, Rates } from "../../rounds.ts";
import { Worker } from "../../worker/worker.ts";
import type { Part } from "../../part.ts";
import type { CloudPlan } from "../plan.ts";
import { HIT_CONTENDERS } from "./actor.ts";

/** A read that is answered from the cache, beside the same one of a store in memory. */
export const hits: Part<CloudPlan> = {
  title: "Reads from the cache, one awaited after another",
  async measure(plan, table, progress) {
    const rates = await race(plan, progress);
    const rows = plan.hits.keys.map((keys) => {
      const [cloud, memory] = HIT_CONTENDERS.map((contender) => rates[nameOf(contender, keys)].median);
      return [keys.toLocaleString("en"), formatRate(cloud), formatRate(memory), formatRatio(memory / cloud)];
    });
    const text = [
      `Keys of 14 bytes, which are new to the runtime in each round, values of 100. Calls a second, medians of ${plan.rounds} rounds:`,
      table(["keys", ...HIT_CONTENDERS, "times as long"], rows, 0),
    ].join("\n");
    const targets = plan.hits.keys.map((keys) => {
      const [cloud, memory] = HIT_CONTENDERS.map((contender) => rates[nameOf(contender, keys)].median);
      const name = `a hit among ${keys.toLocaleString("en")} keys, to the memory store's get`;
      return target(name, "≤ 2x the time", memory / cloud, (x) => x <= 2, formatRatio);
    });
    return { text, json: { rates }, targets };
  },
};

const nameOf = (contender: string, keys: number) => `${contender}, ${keys}`;

async function race(
  { hits, rounds, seed }: CloudPlan,
  progress: (text: string) => void,
): Promise<Record<string, Rate>> {
  const rates = new Rates();
  for (const keys of hits.keys) {
    const runners = HIT_CONTENDERS.map((contender) => ({ contender, worker: new Worker() }));
    try {
      for (const { contender, worker } of runners) await worker.ask("openHits", { contender, keys });
      for (let round = 1; round <= rounds; round++) {
        progress(`${keys} keys: round ${round} of ${rounds}`);
        for (const { contender, worker } of runners) {
          const { operations, ms } = await worker.ask("runHits", { ...hits, seed: seed + round });
          rates.note(nameOf(contender, keys), operations, ms);
        }
      }
    } finally {
      await Promise.all(runners.map(({ worker }) => worker.close()));
    }
  }
  return rates.all();
}
