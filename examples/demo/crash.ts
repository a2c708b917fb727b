import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type HybridLogStore, type StorageConfig, StorageError, text } from "@ferrite/storage";
import type { Digests } from "./digests.ts";
import { type DemoFiles, openStore } from "./files.ts";
import { review, REVIEW_COUNT, reviewedCities, STARS } from "./reviews.ts";
import { check, duration, fact, inBatches, number, size, timed, watch } from "./terminal.ts";

/** The process is killed when it has so many reviews acknowledged. */
const ENOUGH = 30_000;
const LOOK_EVERY_MS = 20;
const BATCH = 1000;

/** Lets another process write, kills it, opens the store again, and checks that nothing is lost. Returns the store. */
export async function crash(
  store: HybridLogStore,
  config: StorageConfig,
  files: DemoFiles,
  digests: Digests,
): Promise<HybridLogStore> {
  await store.close();
  await writeFile(files.acknowledged, "");
  const writer = startWriter(files);
  await untilAcknowledged(1, writer, files);
  await assertLocked(config);
  const [, ms] = await timed(() => watch(ENOUGH, (update) => untilAcknowledged(ENOUGH, writer, files, update)));
  const exit = once(writer, "exit");
  writer.kill("SIGKILL");
  const [, signal] = await exit;
  check(signal === "SIGKILL", "the process has ended by itself");
  const reviews = await readAcknowledged(files);
  fact("SIGKILL", `to process ${writer.pid}, while 1,000 reviews were being written`);
  fact("acknowledged", `${number(reviews.length)} reviews, ${number(ENOUGH / ms * 1000)} per second, each on the disk`);

  const reopened = await openStore(config);
  const { replayedRecords, cutBytes, durationMs, usedIndexFile } = reopened.recovery;
  const index = usedIndexFile ? "the saved index" : "no saved index";
  fact(
    "recovered",
    `${index} and ${number(replayedRecords)} records of the log, ${size(cutBytes)} cut off, ${duration(durationMs)}`,
  );
  await checkReviews(reopened, reviews);
  await digests.check(reopened);
  return reopened;
}

/** The same program on the same runtime, which takes the options that this one was started with. */
function startWriter(files: DemoFiles): ChildProcess {
  const program = fileURLToPath(new URL("writer.ts", import.meta.url));
  const options = process.versions.deno === undefined ? process.execArgv : ["run", "-A"];
  return spawn(process.execPath, [...options, program, files.acknowledged], { stdio: ["ignore", "ignore", "inherit"] });
}

async function readAcknowledged(files: DemoFiles): Promise<number[]> {
  return (await readFile(files.acknowledged, "utf8")).split("\n").slice(0, -1).map(Number);
}

/** Waits until so many reviews have been acknowledged. */
async function untilAcknowledged(
  count: number,
  writer: ChildProcess,
  files: DemoFiles,
  update: (done: number) => void = () => {},
): Promise<void> {
  for (let done = 0; done < count;) {
    await sleep(LOOK_EVERY_MS);
    check(writer.exitCode === null, "the process that was to be killed has ended by itself");
    done = (await readAcknowledged(files)).length;
    update(Math.min(done, count));
  }
}

/** One process at a time has the files. */
async function assertLocked(config: StorageConfig): Promise<void> {
  const error: unknown = await openStore(config).then(() => null, (error) => error);
  check(error instanceof StorageError && error.code === "LOCKED", "two processes have opened the same files");
  fact("LOCKED", error.message);
}

/** Every acknowledged review must be there, and all three parts of each one that is. */
async function checkReviews(store: HybridLogStore, acknowledged: readonly number[]): Promise<void> {
  const cities = await reviewedCities(store);
  await inBatches(acknowledged, BATCH, async (batch) => {
    const reviews = batch.map((number) => review(number, cities));
    const found = await text(store).mget(reviews.map(({ key }) => key));
    for (const [i, { key, text }] of reviews.entries()) {
      check(found[i] === text, `${key} was acknowledged, and is not there`);
    }
  });
  const total = Number(await text(store).get(REVIEW_COUNT));
  const stars = (await store.zrangeWithScores(STARS, 0, -1)).reduce((sum, [, stars]) => sum + stars, 0);
  let [written, expectedStars] = [0, 0];
  for await (const key of text(store).keys({ match: "review:*" })) {
    written++;
    expectedStars += review(Number(key.slice("review:".length)), cities).stars;
  }
  check(written >= acknowledged.length, "reviews are lost");
  check(total === written && stars === expectedStars, "a review was written by half");
  const unheard = written - acknowledged.length;
  fact("reviews", `every acknowledged one is there, and ${number(unheard)} whose acknowledgement was still on its way`);
}
