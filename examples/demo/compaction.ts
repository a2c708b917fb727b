import type { HybridLogStore } from "@ferrite/storage";
import type { Entry } from "./cities.ts";
import type { Digests } from "./digests.ts";
import { bytesOnDisk, type DemoFiles } from "./files.ts";
import type { Place } from "./load.ts";
import { check, duration, fact, manyAtATime, number, size, timed, withProgress } from "./terminal.ts";

const AT_A_TIME = 200;
/** What is left after compaction may take so many times as much as what is live. */
const MOST_ROOM = 1.3;
const decoder = new TextDecoder();

/** Writes every second city anew, which leaves as many records behind that nobody needs, and has their room given back. */
export async function rewriteAndCompact(
  store: HybridLogStore,
  files: DemoFiles,
  dataSet: readonly Entry[],
  digests: Digests,
): Promise<void> {
  const keys = dataSet.map(([key]) => key).filter((_, i) => i % 2 === 0);
  const [, rewriteMs] = await timed(() =>
    manyAtATime(keys, AT_A_TIME, async (key) => digests.note(key, await nextEdition(store, key)))
  );
  await store.commit();
  fact("rewritten", `${number(keys.length)} records, read and written anew in ${duration(rewriteMs)}`);

  const { garbageBytes, logBytes } = store.stats();
  const before = await bytesOnDisk(files);
  fact("garbage", `${size(garbageBytes)} of ${size(logBytes)}`);
  const [, ms] = await timed(() => withProgress((onProgress) => store.compact(onProgress)));
  const after = await bytesOnDisk(files);
  fact(
    "compacted",
    `in ${duration(ms)}: ${size(before)} on disk became ${size(after)}, ${size(before - after)} came back`,
  );
  check(after < store.stats().liveBytes * MOST_ROOM, "compaction has left too much");
}

/** Reads a record, counts its edition, writes it, and returns what it is then. */
async function nextEdition(store: HybridLogStore, key: string): Promise<Uint8Array> {
  const value = await store.update(key, (bytes) => {
    check(bytes !== null, `${key} is gone`);
    const place: Place = JSON.parse(decoder.decode(bytes));
    return JSON.stringify({ ...place, edition: place.edition + 1 });
  });
  check(value !== null, `${key} was not written`);
  return value;
}
