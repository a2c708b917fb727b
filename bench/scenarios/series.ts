import { join } from "node:path";
import process from "node:process";
import { HybridLogStore } from "../../mod.ts";
import { Random } from "../data/random.ts";
import { temporaryDirectory } from "../rivals/directory.ts";
import { forEachIndex, type ScenarioPlan, type ScenarioResult, timeCalls } from "./scenario.ts";

const MB = 2 ** 20;
/** The least that a hybrid log takes. */
const BUDGET = 16 * MB;
const SENSORS = 1000;
const STEP_S = 10;
const POINTS_PER_HOUR = 3600 / STEP_S;
/** Ten minutes. */
const RANGE_POINTS = 60;
/** One call in so many reads. */
const READS_ONE_IN = 10;

/**
 * Points of sensors, by time: a sorted set for each sensor and hour. Each new point is on the disk before it is acknowledged; reads are of ten
 * minutes, of any time.
 */
export async function runSeries(plan: ScenarioPlan): Promise<ScenarioResult> {
  const hours = plan.isQuick ? 2 : 12;
  const directory = temporaryDirectory();
  const memory = { dataDir: join(directory.path, "data"), mutableSize: BUDGET / 2, readonlySize: BUDGET / 2 };
  const point = (index: number): [number, string] => [index * STEP_S, `${index * STEP_S}:${(index % 997) / 10}`];
  const fill = await HybridLogStore.open({ ...memory, durability: "manual" });
  await forEachIndex(SENSORS * hours, plan.callers, (i) => {
    const first = Math.floor(i / SENSORS) * POINTS_PER_HOUR;
    return fill.zadd(
      keyOf(i % SENSORS, first),
      Array.from({ length: POINTS_PER_HOUR }, (_, next) => point(first + next)),
    );
  });
  await fill.close();

  const store = await HybridLogStore.open({ ...memory, durability: "always" });
  try {
    const random = new Random(plan.seed);
    const old = hours * POINTS_PER_HOUR;
    let added = 0;
    const latencies = await timeCalls(plan, async (i) => {
      if (i % READS_ONE_IN !== 0) {
        const sensor = added % SENSORS;
        const index = old + Math.floor(added++ / SENSORS);
        await store.zadd(keyOf(sensor, index), [point(index)]);
        return "zadd of a point, durable";
      }
      const first = random.below(old - RANGE_POINTS);
      const from = first - first % RANGE_POINTS;
      const key = keyOf(random.below(SENSORS), from);
      const points = await store.zrangeByScore(key, from * STEP_S, (from + RANGE_POINTS - 1) * STEP_S);
      if (points.length !== RANGE_POINTS) throw new Error(`${key} has ${points.length} points of ten minutes`);
      return "zrangeByScore of 60 points";
    });
    const { rss } = process.memoryUsage();
    const pointBytes = 8 + point(old)[1].length;
    return { latencies, budgetBytes: BUDGET, residentBytes: rss, dataBytes: SENSORS * old * pointBytes };
  } finally {
    await store.close();
    directory.remove();
  }
}

function keyOf(sensor: number, index: number): string {
  return `sensor:${sensor}:${Math.floor(index / POINTS_PER_HOUR)}`;
}
