import { json, type StorageEngine } from "@ferrite/storage";
import type { City, Entry } from "./cities.ts";
import type { Rate } from "./speed.ts";
import { check, duration, fact, inBatches, number, timed } from "./terminal.ts";

const BATCH = 1000;

/** What loading the cities took. */
export interface Loaded {
  rate: Rate;
  /** Bytes of a record that are key and value, on average. */
  dataBytesPerRecord: number;
  /** Bytes that the store takes for a record, its part of the index included. */
  bytesPerRecord: number;
}

/** Writes every city under its key. */
export async function loadCities(store: StorageEngine, dataSet: readonly Entry[]): Promise<Loaded> {
  const cities = json<City>(store);
  const [, ms] = await timed(() => inBatches(dataSet, BATCH, (batch) => cities.mset(batch)));
  const records = await store.size();
  check(records === dataSet.length, `${dataSet.length} cities were written, but the store has ${records} keys`);
  fact("loaded", `${number(records)} records in ${duration(ms)}`);

  const { liveBytes, indexBytes } = store.stats();
  return {
    rate: { what: "write JSON", how: `mset of ${number(BATCH)}`, records, ms },
    dataBytesPerRecord: dataBytes(dataSet) / records,
    bytesPerRecord: (liveBytes + indexBytes) / records,
  };
}

function dataBytes(dataSet: readonly Entry[]): number {
  const encoder = new TextEncoder();
  const bytesOf = (text: string) => encoder.encode(text).length;
  return dataSet.reduce((sum, [key, city]) => sum + bytesOf(key) + bytesOf(JSON.stringify(city)), 0);
}
