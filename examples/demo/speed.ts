import type { StorageEngine } from "@ferrite/storage";
import type { Entry } from "./cities.ts";
import { check, columns, duration, number, timed } from "./terminal.ts";

/** How long something took for how many records. */
export interface Rate {
  what: string;
  how: string;
  records: number;
  ms: number;
}

const BATCH = 64;

/** Reads every city in random order, in each way there is, and prints the rates beside those of `earlier` work. */
export async function measureSpeed(
  store: StorageEngine,
  dataSet: readonly Entry[],
  earlier: readonly Rate[],
): Promise<void> {
  const keys = shuffled(dataSet.map(([key]) => key));
  const batches = Array.from(
    { length: Math.ceil(keys.length / BATCH) },
    (_, i) => keys.slice(i * BATCH, (i + 1) * BATCH),
  );
  const { sync } = store;

  const measure = async (what: string, how: string, run: () => Promise<number>): Promise<Rate> => {
    const [found, ms] = await timed(run);
    check(found === keys.length, `${how} found ${found} of ${keys.length} records`);
    return { what, how, records: found, ms };
  };
  const rates = [...earlier];
  rates.push(
    await measure("read", "await get", async () => {
      let found = 0;
      for (const key of keys) if (await store.get(key) !== null) found++;
      return found;
    }),
  );
  if (sync !== undefined) {
    rates.push(
      await measure("read", "sync.get", async () => {
        let found = 0;
        for (const key of keys) if (sync.get(key) !== null) found++;
        return found;
      }),
    );
  }
  rates.push(
    await measure("read", `mget of ${BATCH}`, async () => {
      let found = 0;
      for (const batch of batches) for (const value of await store.mget(batch)) if (value !== null) found++;
      return found;
    }),
  );

  columns(
    rates.map(({ what, how, records, ms }) => [
      what,
      how,
      duration(ms),
      `${number(records / ms * 1000)} records/s`,
    ]),
    [2, 3],
  );
}

/** Fisher and Yates, with a generator that is good enough for that: records next to each other are read too fast. */
function shuffled(keys: readonly string[]): string[] {
  const result = keys.slice();
  let state = 1;
  for (let i = result.length - 1; i > 0; i--) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const j = Math.floor(state / 2 ** 32 * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
