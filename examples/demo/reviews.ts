import type { HybridLogStore } from "@ferrite/storage";
import { BY_LATITUDE } from "./rankings.ts";

/** What the process writes that is killed. */
export const REVIEW_COUNT = "reviews";
export const STARS = "stars by city";

const CITIES = 1000;

/** The cities that get reviews: the northernmost. */
export async function reviewedCities(store: HybridLogStore): Promise<string[]> {
  const keys = await store.zrange(BY_LATITUDE, 0, CITIES - 1, { reverse: true });
  return keys.map((key) => new TextDecoder().decode(key));
}

export interface Review {
  key: string;
  city: string;
  stars: number;
  text: string;
}

/** The review of that number, the same on all sides. */
export function review(number: number, cities: readonly string[]): Review {
  const city = cities[number % cities.length];
  const stars = 1 + number % 5;
  return { key: `review:${number}`, city, stars, text: `${"★".repeat(stars)} ${city}, says visitor ${number}` };
}

/** Writes a review, counts it, and gives the city its stars: all of it or nothing. */
export function writeReview(store: HybridLogStore, { key, city, stars, text }: Review): Promise<void> {
  return store.transact((tx) => {
    tx.set(key, text);
    tx.incrBy(REVIEW_COUNT);
    tx.zincrBy(STARS, stars, city);
  });
}
