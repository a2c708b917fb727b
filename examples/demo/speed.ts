import type { HybridLogStore } from "@ferrite/storage";
import type { Entry } from "./cities.ts";
import { check, columns, duration, number, timed } from "./terminal.ts";
import { readsByTier, TIERS } from "./tiers.ts";

/** How long something took for how many records. */
export interface Rate {
  what: string;
  how: string;
  records: number;
  ms: number;
  /** How many of the reads each tier has answered. */
  tiers?: number[];
}

const BATCH = 64;
const HOT_CITIES = 1000;
/** Of readers who care for some cities much more than for others (zipf): 0.99 is what YCSB takes. */
const SKEW = 0.99;

/** Reads cities in each way there is, and prints the rates beside those of `earlier` work, and what has answered. */
export async function measureSpeed(
  store: HybridLogStore,
  dataSet: readonly Entry[],
  earlier: readonly Rate[],
): Promise<void> {
  const keys = shuffled(dataSet.map(([key]) => key));
  const again = shuffled(keys);
  const popular = skewed(keys);
  const hot = Array.from(keys, (_, i) => keys[i % HOT_CITIES]);
  const { sync } = store;

  const measure = async (what: string, how: string, run: () => Promise<number>): Promise<Rate> => {
    const before = store.stats();
    const [found, ms] = await timed(run);
    check(found === keys.length, `${how} found ${found} of ${keys.length} records`);
    return { what, how, records: found, ms, tiers: readsByTier(before, store.stats(), found) };
  };
  const oneByOne = async (keys: readonly string[]): Promise<number> => {
    let found = 0;
    for (const key of keys) if (await store.get(key) !== null) found++;
    return found;
  };
  const inGroups = async (keys: readonly string[]): Promise<number> => {
    let found = 0;
    for (let from = 0; from < keys.length; from += BATCH) {
      for (const value of await store.mget(keys.slice(from, from + BATCH))) if (value !== null) found++;
    }
    return found;
  };

  const rates = [
    ...earlier,
    await measure("each city once", "await get", () => oneByOne(keys)),
    await measure("each city once", `mget of ${BATCH}`, () => inGroups(again)),
    await measure(`zipf ${SKEW}`, "await get", () => oneByOne(popular)),
    await measure(`zipf ${SKEW}`, "sync.get", async () => popular.filter((key) => sync.get(key) !== null).length),
    await measure(`${number(HOT_CITIES)} cities`, "await get", () => oneByOne(hot)),
  ];
  const share = (reads: number, records: number) => reads === 0 ? "" : `${Math.round(reads / records * 100)} %`;
  columns([
    ["", "", "", "", ...TIERS],
    ...rates.map(({ what, how, records, ms, tiers }) => [
      what,
      how,
      duration(ms),
      `${number(records / ms * 1000)} records/s`,
      ...TIERS.map((_, tier) => tiers === undefined ? "" : share(tiers[tier], records)),
    ]),
  ], [2, 3, 4, 5, 6, 7]);
}

/** Fisher and Yates: records next to each other are read too fast. */
function shuffled(keys: readonly string[]): string[] {
  const result = keys.slice();
  const random = randomNumbers();
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** As many keys again, of which the n-th of the list is drawn n^SKEW times less often than the first. */
function skewed(keys: readonly string[]): string[] {
  const random = randomNumbers();
  const { length } = keys;
  // The inverse of the integral of x^-SKEW from 1 to length + 1.
  const whole = (length + 1) ** (1 - SKEW) - 1;
  const draw = () => Math.floor((random() * whole + 1) ** (1 / (1 - SKEW))) - 1;
  return keys.map(() => keys[Math.min(draw(), length - 1)]);
}

/** From 0 to 1, always the same ones; good enough for this. */
function randomNumbers(): () => number {
  let state = 1;
  return () => (state = Math.imul(state, 1664525) + 1013904223 >>> 0) / 2 ** 32;
}
