import { type HybridLogStore, json, text } from "@ferrite/storage";
import { type City, describeCity, type Entry } from "./cities.ts";
import { ask, check, duration, fact, manyAtATime, number, timed } from "./terminal.ts";

const AT_A_TIME = 1000;
const AGAIN = 1000;
const TROPIC = 23.44;
const PARIS = "city:FR:Paris:48.85341,2.3488";

/** The sorted set of all cities, from the south to the north. */
export const BY_LATITUDE = "cities by latitude";
const NAMES = "names by use";
const BY_NAME = "cities by name";

const decoder = new TextDecoder();

/** Keeps all cities in order, all names in the order of how many have them, and the keys of the cities of each name. */
export async function rankCities(store: HybridLogStore, dataSet: readonly Entry[]): Promise<void> {
  await fill(store, dataSet);
  await latitudes(store);
  await names(store);
}

async function fill(store: HybridLogStore, dataSet: readonly Entry[]): Promise<void> {
  const keysOf = new Map<string, string[]>();
  for (const [key, { name }] of dataSet) keysOf.set(name, [...keysOf.get(name) ?? [], key]);

  const [, citiesMs] = await timed(() =>
    manyAtATime(dataSet, AT_A_TIME, ([key, { lat }]) => store.zadd(BY_LATITUDE, [[lat, key]]))
  );
  check(await store.zcard(BY_LATITUDE) === dataSet.length, "a city is missing in the sorted set");
  fact("sorted set", `${number(dataSet.length)} cities by latitude in ${duration(citiesMs)}`);

  const names = [...keysOf];
  const [, namesMs] = await timed(async () => {
    await manyAtATime(names, AT_A_TIME, ([name, keys]) => store.zadd(NAMES, [[keys.length, name]]));
    await manyAtATime(names, AT_A_TIME, ([name, keys]) => store.hset(BY_NAME, name, keys.join("\n")));
  });
  check(await store.hlen(BY_NAME) === names.length, "a name is missing in the hash");
  fact("hash", `${number(names.length)} names, and as many in another sorted set, in ${duration(namesMs)}`);
}

async function latitudes(store: HybridLogStore): Promise<void> {
  const cities = json<City>(store);
  await ask(
    "Which are the northernmost?",
    `store.zrange("${BY_LATITUDE}", 0, 2, { reverse: true }), then cities.mget(keys)`,
    async () => await cities.mget(await store.zrange(BY_LATITUDE, 0, 2, { reverse: true })),
    (found) => found.map((city) => city === null ? "nothing" : describeCity(city)).join("\n      "),
    AGAIN,
  );
  const rank = await ask(
    "How many are south of Paris?",
    `store.zrank("${BY_LATITUDE}", "${PARIS}")`,
    () => store.zrank(BY_LATITUDE, PARIS),
    (rank) => rank === null ? "Paris is not there" : number(rank),
    AGAIN,
  );
  const tropics = await ask(
    "And in the tropics?",
    `store.zcount("${BY_LATITUDE}", ${-TROPIC}, ${TROPIC})`,
    () => store.zcount(BY_LATITUDE, -TROPIC, TROPIC),
    number,
    AGAIN,
  );
  check(rank !== null && rank > tropics, "the tropics are south of Paris");
}

async function names(store: HybridLogStore): Promise<void> {
  const favourites = await ask(
    "Which names are the most popular?",
    `store.zrangeWithScores("${NAMES}", 0, 5, { reverse: true })`,
    () => store.zrangeWithScores(NAMES, 0, 5, { reverse: true }),
    (found) => found.map(([name, uses]) => `${decoder.decode(name)} (${uses})`).join(", "),
    AGAIN,
  );
  const [favourite, uses] = favourites[0];
  const keys = await ask(
    "And where are all of the first?",
    `store.hget("${BY_NAME}", "${decoder.decode(favourite)}"), then cities.mget(keys)`,
    async () => {
      const keys = decoder.decode(await store.hget(BY_NAME, favourite) ?? new Uint8Array()).split("\n");
      return await text(store).mget(keys);
    },
    (found) => {
      const countries = found.map((city) => (JSON.parse(city ?? "{}") as City).country);
      return [...new Set(countries)].map((code) => `${code} ${countries.filter((other) => other === code).length}`)
        .join(", ");
    },
  );
  check(keys.length === uses, `${uses} cities have that name, but the hash has ${keys.length}`);
}
