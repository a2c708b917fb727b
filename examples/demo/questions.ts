import { setTimeout as sleep } from "node:timers/promises";
import { type HybridLogStore, json, type StorageEngine, text } from "@ferrite/storage";
import { CAPITALS } from "./capitals.ts";
import { countryName, describeCity } from "./cities.ts";
import type { Place } from "./load.ts";
import { ask, check, duration, number, tell } from "./terminal.ts";
import { readsByTier, TIERS } from "./tiers.ts";

/** How often quick questions are asked again. */
const AGAIN = 1000;

/** Everything the demo wants to know. */
export async function askAll(store: HybridLogStore): Promise<void> {
  const before = store.stats();
  await pointReads(store);
  await batchOfCapitals(store);
  await neighboursOfNeighbours(store);
  await patternScans(store);
  const reads = readsByTier(before, store.stats()).map((count, tier) => `${TIERS[tier]} ${number(count)}`);
  console.log();
  tell(`records came from: ${reads.join(", ")}`);
  await visitsCounted(store);
  await sessionThatExpires(store);
}

async function pointReads(store: StorageEngine): Promise<void> {
  const cities = json<Place>(store);
  const paris = await ask(
    "What is at this key?",
    `cities.get("city:FR:Paris:48.85341,2.3488")`,
    () => cities.get("city:FR:Paris:48.85341,2.3488"),
    (city) => city === null ? "nothing" : `${describeCity(city)}, ${nearby(city)}`,
    AGAIN,
  );
  check(paris?.name === "Paris", "Paris is not where it should be");

  const atlantis = await ask(
    "And where there is nothing?",
    `cities.get("city:GR:Atlantis:0,0")`,
    () => cities.get("city:GR:Atlantis:0,0"),
    String,
  );
  check(atlantis === null, "the store has found Atlantis");
}

function nearby({ near }: Place): string {
  return near.slice(3, 6).map(({ key, km }) => `${km} km to ${key.split(":")[2]}`).join(", ");
}

async function batchOfCapitals(store: StorageEngine): Promise<void> {
  const cities = json<Place>(store);
  const found = (capitals: (Place | null)[]) => capitals.filter((city) => city !== null);
  const capitals = await ask(
    `Of ${CAPITALS.length} capitals, which are the closest to the poles?`,
    "cities.mget(CAPITALS)",
    () => cities.mget(CAPITALS),
    (capitals) => {
      const [south, ...others] = found(capitals).sort((a, b) => a.lat - b.lat);
      const north = others.at(-1);
      return north === undefined ? "too few found" : `${describeCity(north)}\n      ${describeCity(south)}`;
    },
    AGAIN,
  );
  // GeoNames moves a place now and then, which changes its key: a few may be missing in another version of the data.
  check(found(capitals).length >= 64, `only ${found(capitals).length} of ${CAPITALS.length} capitals were found`);
}

async function neighboursOfNeighbours(store: StorageEngine): Promise<void> {
  const cities = json<Place>(store);
  const rings = await ask(
    "How many more cities does one get to from Rio, neighbour by neighbour?",
    "cities.mget(keys of the neighbours), ten times",
    async () => {
      const seen = new Set(["city:BR:Rio de Janeiro:-22.90642,-43.18223"]);
      let keys = [...seen];
      const rings: number[] = [];
      for (let step = 1; step <= 10; step++) {
        const places = await cities.mget(keys);
        const next = new Set(places.flatMap((place) => place?.near.map(({ key }) => key) ?? []));
        keys = [...next].filter((key) => !seen.has(key));
        for (const key of keys) seen.add(key);
        rings.push(keys.length);
      }
      return rings;
    },
    (rings) => `${rings.join(", ")}: ${number(rings.reduce((a, b) => a + b))} cities`,
  );
  check(rings.every((cities) => cities > 0), "from Rio one gets farther than that");
}

async function patternScans(store: StorageEngine): Promise<void> {
  const matching = async (pattern: string) => (await keysOf(store, pattern)).sort();
  const part = (key: string, i: number) => key.split(":")[i];

  const welsh = await ask(
    "Which places in Great Britain start with Llan?",
    `cities.keys({ match: "city:GB:Llan*" })`,
    () => matching("city:GB:Llan*"),
    (keys) => `${keys.length}: ${[...new Set(keys.map((key) => part(key, 2)))].slice(0, 6).join(", ")}, …`,
  );
  check(welsh.length > 0 && welsh.every((key) => key.startsWith("city:GB:Llan")), "a scan found what it should not");

  const paris = await ask(
    "Where in the world is there a Paris?",
    `cities.keys({ match: "city:*:Paris:*" })`,
    () => matching("city:*:Paris:*"),
    (keys) => {
      const codes = new Set(keys.map((key) => part(key, 1)));
      const lists = Array.from(codes, (code) => {
        const count = keys.filter((key) => part(key, 1) === code).length;
        return count === 1 ? countryName(code) : `${countryName(code)} (${count})`;
      });
      return lists.join(", ");
    },
  );
  check(paris.length > 1, "there is more than one Paris");
}

/** What Array.fromAsync would do, which Node 20 does not have. */
async function keysOf(store: StorageEngine, match: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of json(store).keys({ match })) keys.push(key);
  return keys;
}

async function visitsCounted(store: StorageEngine): Promise<void> {
  await ask(
    "What do 10,000 additions at the same time come to?",
    `Promise.all(Array.from({ length: 10_000 }, () => store.incrBy("visits", 1)))`,
    () => Promise.all(Array.from({ length: 10_000 }, () => store.incrBy("visits", 1))),
    (sums) => `${number(Math.max(...sums))}, none was lost`,
  );
  const visits = await text(store).get("visits");
  check(visits === "10000", `10,000 additions of 1 came to ${visits}`);
}

async function sessionThatExpires(store: StorageEngine): Promise<void> {
  const sessions = text(store);
  const started = performance.now();
  const look = async () => {
    const value = await sessions.get("session:7");
    const ttl = await sessions.ttl("session:7");
    const left = ttl === null ? "" : `, ${Math.round(ttl)} ms left`;
    tell(`after ${duration(performance.now() - started).padEnd(6)}  ${value ?? "gone"}${left}`);
    return value;
  };

  const isSet = await ask(
    "Does a session of one second end?",
    `sessions.set("session:7", "Ada is here", { ttl: 1000 })`,
    () => sessions.set("session:7", "Ada is here", { ttl: 1000 }),
    (isSet) => isSet ? "set" : "not set",
  );
  check(isSet && await look() === "Ada is here", "a session ended before its time");
  await sleep(600);
  await look();
  await sleep(450);
  check(await look() === null, "a session did not end");
}
