import { join } from "node:path";
import process from "node:process";
import { HybridLogStore } from "../../mod.ts";
import { freshKey, KEY_BYTES } from "../data/keys.ts";
import { zipf } from "../data/orders.ts";
import { temporaryDirectory } from "../rivals/directory.ts";
import { forEachIndex, type ScenarioPlan, type ScenarioResult, timeCalls } from "./scenario.ts";

const MB = 2 ** 20;
const BUDGET = 64 * MB;
const CART_BYTES = 600;
const TTL_MS = 3_600_000;
const ORDER = 1 << 20;
/** One call in so many changes a session. */
const CHANGES_ONE_IN = 5;

/** Sessions are hashes that expire. Each change is on the disk before it is acknowledged, and puts the expiry off. */
export async function runSessions(plan: ScenarioPlan): Promise<ScenarioResult> {
  const sessions = plan.isQuick ? 100_000 : 800_000;
  const directory = temporaryDirectory();
  const memory = { dataDir: join(directory.path, "data"), mutableSize: BUDGET / 2, readonlySize: BUDGET / 2 };
  const cart = "x".repeat(CART_BYTES);
  const fill = await HybridLogStore.open({ ...memory, durability: "manual" });
  await forEachIndex(sessions, plan.callers, async (i) => {
    const fields = [["user", `${i}`], ["seen", "0"], ["cart", cart]] as const;
    await fill.transact((tx) => {
      tx.hmset(freshKey(i), fields);
      tx.expire(freshKey(i), TTL_MS);
    });
  });
  await fill.close();

  const store = await HybridLogStore.open({ ...memory, durability: "always" });
  try {
    const order = zipf(sessions, ORDER, plan.seed);
    const decoder = new TextDecoder();
    const latencies = await timeCalls(plan, async (i) => {
      const index = order[i % ORDER];
      const key = freshKey(index);
      if (i % CHANGES_ONE_IN === 0) {
        await store.transact((tx) => {
          tx.hset(key, "seen", `${i}`);
          tx.expire(key, TTL_MS);
        });
        return "hset and expire, durable";
      }
      const user = (await store.hgetall(key)).find(([field]) => decoder.decode(field) === "user");
      if (user === undefined || Number(decoder.decode(user[1])) !== index) throw new Error(`${key} is wrong`);
      return "hgetall";
    });
    const { rss } = process.memoryUsage();
    const dataBytes = sessions * (KEY_BYTES + CART_BYTES + "user0000seen0cart".length);
    return { latencies, budgetBytes: BUDGET, residentBytes: rss, dataBytes };
  } finally {
    await store.close();
    directory.remove();
  }
}
