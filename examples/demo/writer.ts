// The process that is killed: 1,000 visitors write one review after another, each on the disk before the next. The number of
// each one that is acknowledged goes into a file, at once, since what a process holds is lost with it.
import { openSync, writeSync } from "node:fs";
import process from "node:process";
import { loadConfig } from "@ferrite/storage";
import { openStore } from "./files.ts";
import { review, reviewedCities, writeReview } from "./reviews.ts";

const VISITORS = 1000;

const config = await loadConfig("ferrite.toml");
const store = await openStore({ ...config, hybridlog: { ...config.hybridlog, durability: "always" } });
const cities = await reviewedCities(store);
const acknowledged = openSync(process.argv[2], "a");

let number = 0;
async function visit(): Promise<never> {
  for (;;) {
    const mine = number++;
    await writeReview(store, review(mine, cities));
    writeSync(acknowledged, `${mine}\n`);
  }
}
await Promise.all(Array.from({ length: VISITORS }, visit));
