import process from "node:process";
import { CloudStore, s3 } from "../../src/cloud/mod.ts";
import { bucketTarget } from "../cloud/target.ts";
import { freshKey, KEY_BYTES } from "../data/keys.ts";
import { Random } from "../data/random.ts";
import { forEachIndex, type ScenarioPlan, type ScenarioResult, timeCalls } from "./scenario.ts";

const BUDGET = 8 * 2 ** 20;
const DOCUMENT_BYTES = 102_400;
/** Who archives waits for a few documents at a time. */
const CALLERS = 8;
/** One call in so many writes. */
const WRITES_ONE_IN = 10;

/** Documents in a bucket, of which the least that can be is in memory: nearly every read is a request. */
export async function runArchive(plan: ScenarioPlan): Promise<ScenarioResult> {
  const documents = plan.isQuick ? 500 : 5000;
  const target = await bucketTarget();
  await using store = new CloudStore({ storage: s3(target), prefix: "archive/", cache: { size: BUDGET } });
  const document = (index: number) => new Uint8Array(DOCUMENT_BYTES).fill(index);
  await forEachIndex(documents, CALLERS, (i) => store.set(freshKey(i), document(i)));
  const random = new Random(plan.seed);
  let written = documents;
  const latencies = await timeCalls({ ...plan, callers: CALLERS }, async (i) => {
    if (i % WRITES_ONE_IN === 0) {
      const index = written++;
      await store.set(freshKey(index), document(index));
      return "set";
    }
    const index = random.below(documents);
    const value = await store.get(freshKey(index));
    if (value?.length !== DOCUMENT_BYTES || value[0] !== (index & 255)) throw new Error(`${freshKey(index)} is wrong`);
    return "get";
  });
  const { rss } = process.memoryUsage();
  return { latencies, budgetBytes: BUDGET, residentBytes: rss, dataBytes: documents * (KEY_BYTES + DOCUMENT_BYTES) };
}
