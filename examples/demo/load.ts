import type { HybridLogStore } from "@ferrite/storage";
import type { City, Entry } from "./cities.ts";
import type { Digests } from "./digests.ts";
import { Neighbours } from "./neighbours.ts";
import type { Rate } from "./speed.ts";
import { check, duration, fact, inBatches, number, size, timed } from "./terminal.ts";

const BATCH = 200;

/** What the store holds for a city. */
export interface Place extends City {
  /** How often the record has been written. */
  edition: number;
  /** The cities around it, the closest first. */
  near: { key: string; km: number }[];
}

/** Writes every city with those around it under its key. */
export async function loadCities(
  store: HybridLogStore,
  dataSet: readonly Entry[],
  neighbours: number,
  leastBytes: number,
  digests: Digests,
): Promise<Rate> {
  const around = new Neighbours(dataSet.map(([, city]) => city));
  const recordOf = (number: number): [key: string, value: string] => {
    const near = around.of(number, neighbours).map(({ city, km }) => ({ key: dataSet[city][0], km }));
    const place: Place = { ...dataSet[number][1], edition: 1, near };
    return [dataSet[number][0], JSON.stringify(place)];
  };
  let writeMs = 0;
  const [, ms] = await timed(() =>
    inBatches([...dataSet.keys()], BATCH, async (batch) => {
      const records = batch.map(recordOf);
      for (const [key, value] of records) digests.note(key, value);
      writeMs += (await timed(() => store.mset(records)))[1];
    })
  );
  writeMs += (await timed(() => store.commit()))[1];

  // What is overwritten on disk is not read, so a few new keys may have been taken for old ones; compaction will tell.
  const { keys, unverified } = store.stats();
  const isCounted = Math.abs(keys - dataSet.length) <= unverified;
  check(isCounted, `${dataSet.length} cities were written, but the store has ${keys} keys, ${unverified} unverified`);
  fact("loaded", `${number(dataSet.length)} records with ${neighbours} neighbours each in ${duration(ms)}`);
  const { logBytes, memoryBytes, maxBytes, bytesWritten } = store.stats();
  fact("on disk", `${size(logBytes)}, of which ${size(memoryBytes)} are in memory, of at most ${size(maxBytes)}`);
  check(memoryBytes <= maxBytes, "the store has more memory than it may");
  check(logBytes >= leastBytes && logBytes > 4 * maxBytes, "the data is not much larger than the memory");
  check(bytesWritten >= logBytes * 0.9, "what is committed is not in the files");
  return { what: "write", how: `mset of ${BATCH}`, records: dataSet.length, ms: writeMs };
}
