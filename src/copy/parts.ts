import type { CallOptions, Key } from "../engine.ts";
import { type Mover, PART_BYTES, type Place, type Store } from "./movers.ts";

/** How many elements are asked for at first, when nobody knows how long they are, and at most. */
const FIRST_COUNT = 64;
const MOST_COUNT = 8192;

/** A part of a value, and where it begins. */
export interface Part<E> {
  readonly elements: E[];
  readonly place: Place;
  readonly isLast: boolean;
  readonly bytes: number;
}

/** What a key holds, in parts of some {@linkcode PART_BYTES}, as far as its elements allow. */
export async function* partsOf<E>(
  mover: Mover<E>,
  store: Store,
  key: Key,
  options: CallOptions,
): AsyncGenerator<Part<E>> {
  let place: Place = null;
  let count = FIRST_COUNT;
  do {
    options.signal?.throwIfAborted();
    const { part, next }: { part: E[]; next: Place } = await mover.read(store, key, place, count, options);
    const bytes = part.reduce((sum, element) => sum + mover.bytesOf(element), 0);
    yield { elements: part, place, isLast: next === null, bytes };
    place = next;
    const fitting = Math.floor(part.length * PART_BYTES / Math.max(1, bytes));
    count = Math.max(1, Math.min(fitting, 8 * count, MOST_COUNT));
  } while (place !== null);
}
