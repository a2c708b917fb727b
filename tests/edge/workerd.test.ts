import { assert, assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { startS3 } from "./bucket_server.ts";
import { bundle } from "./bundle.ts";
import { testScenario } from "./report.ts";
import { startWorker, workerOf } from "./workerd/workerd.ts";

testScenario("workerd", async ({ endpoint }) => {
  await using worker = await startWorker(workerOf(await bundle("worker.ts"), { ENDPOINT: endpoint }));
  const answer = await fetch(worker.url);
  if (!answer.ok) throw new Error(await answer.text());
  return await answer.json();
});

test("one store of a Durable Object serves many requests, and some who do not wait for the answer", async () => {
  await using server = await startS3();
  server.delayMs = 50;
  const code = workerOf(await bundle("durable_object.ts"), { ENDPOINT: server.endpoint });
  await using worker = await startWorker({ ...code, durableObjects: { COUNTER: "Counter" } });
  const count = async (signal?: AbortSignal) => Number(await (await fetch(worker.url, { signal })).text());
  const counts = await Promise.all(Array.from({ length: 20 }, () => count()));
  assertEquals(counts.sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1));
  const gone = Array.from({ length: 5 }, () => count(AbortSignal.timeout(20)).then(() => false, () => true));
  const next = await count();
  assert(next > 20 && next <= 26, `${next}`);
  assertEquals(await Promise.all(gone), [true, true, true, true, true]);
  assert(await count() > next, "it goes back");
});
