import { stat } from "node:fs/promises";
import { asPersistenceOps, type PersistenceOps, type StorageEngine, text } from "@ferrite/storage";
import type { Entry } from "./cities.ts";
import type { Rate } from "./speed.ts";
import { check, duration, fact, inBatches, number, size, timed } from "./terminal.ts";

const BATCH = 1000;

/** A snapshot, and what must come back from it. */
export interface Saved {
  path: string;
  records: number;
}

/** Saves all that the store has to a file. */
export async function save(store: StorageEngine): Promise<Saved> {
  const records = await store.size();
  const [path, ms] = await timed(() => persistent(store).checkpoint());
  const bytes = (await stat(path)).size;
  fact("checkpoint", `${number(records)} records, ${size(bytes)} in ${duration(ms)}`);
  return { path, records };
}

/** Fills an empty store with what was saved. */
export async function reopen(store: StorageEngine, saved: Saved): Promise<void> {
  check(await store.size() === 0, "a new store is not empty");
  const [, ms] = await timed(() => persistent(store).restore(saved.path));
  const records = await store.size();
  check(records === saved.records, `${saved.records} records were saved, but ${records} came back`);
  fact("restore", `${number(records)} records into a new store in ${duration(ms)}`);
}

/** Compares every city of the store with the data set, character by character. */
export async function checkEveryRecord(store: StorageEngine, dataSet: readonly Entry[]): Promise<Rate> {
  const records = text(store);
  const [, ms] = await timed(() =>
    inBatches(dataSet, BATCH, async (batch) => {
      const found = await records.mget(batch.map(([key]) => key));
      for (const [i, [key, city]] of batch.entries()) {
        check(found[i] === JSON.stringify(city), `${key} should hold ${JSON.stringify(city)}, but holds ${found[i]}`);
      }
    })
  );
  fact("checked", `all ${number(dataSet.length)} cities are as in the data set, ${duration(ms)}`);
  return { what: "compare", how: `mget of ${number(BATCH)}`, records: dataSet.length, ms };
}

function persistent(store: StorageEngine): PersistenceOps {
  const ops = asPersistenceOps(store);
  check(ops !== null, "the backend in ferrite.toml cannot save to files");
  return ops;
}
