import process from "node:process";
import { MemoryStore } from "../../mod.ts";
import { freshKey, KEY_BYTES } from "../data/keys.ts";
import { zipf } from "../data/orders.ts";
import { type ScenarioPlan, type ScenarioResult, timeCalls } from "./scenario.ts";

const BUDGET = 64 * 2 ** 20;
const VALUE_BYTES = 1024;
const ORDER = 1 << 20;

/** What is computed or fetched is kept as long as there is room: a read that finds nothing writes. */
export async function runCache(plan: ScenarioPlan): Promise<ScenarioResult> {
  const keys = plan.isQuick ? 100_000 : 500_000;
  await using store = new MemoryStore({ maxSize: BUDGET, eviction: true });
  const order = zipf(keys, ORDER, plan.seed);
  const made = new Uint8Array(VALUE_BYTES);
  const latencies = await timeCalls(plan, async (i) => {
    const index = order[i % ORDER];
    const value = await store.get(freshKey(index));
    if (value === null) {
      made[0] = index;
      await store.set(freshKey(index), made, { ttl: 3_600_000 });
      return "get, nothing there, and set";
    }
    if (value[0] !== (index & 255) || value.length !== VALUE_BYTES) throw new Error(`${freshKey(index)} is wrong`);
    return "get";
  });
  const { rss } = process.memoryUsage();
  return { latencies, budgetBytes: BUDGET, residentBytes: rss, dataBytes: keys * (KEY_BYTES + VALUE_BYTES) };
}
