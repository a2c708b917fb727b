import type { CallOptions, Key, ValueType } from "../engine.ts";
import { MOVERS, type Store } from "./movers.ts";
import { partsOf } from "./parts.ts";

/** Times of expiry that differ by less are the same: a copy that has to travel arrives later than it says. */
const TOLERANCE_MS = 5_000;

/** What is known of a key without reading what it holds. */
export interface State {
  readonly type: ValueType;
  /** When it expires, in milliseconds since 1970, or `Infinity`. Not later than it does. */
  readonly expiry: number;
}

/** The state of a key, or `null` where there is none. */
export async function stateOf(store: Store, key: Key, options: CallOptions): Promise<State | null> {
  const askedAt = Date.now();
  const [type, ttl] = await Promise.all([store.type(key, options), store.ttl(key, options)]);
  return type === null || ttl === null ? null : { type, expiry: askedAt + ttl };
}

/** Whether a key holds the same in two stores, and expires at the same time, as far as that can be told. */
export async function isSame(a: Store, b: Store, key: Key, options: CallOptions): Promise<boolean> {
  const [state, other] = await Promise.all([stateOf(a, key, options), stateOf(b, key, options)]);
  if (state === null || other === null) return state === other;
  const { type, expiry } = state;
  if (type !== other.type || expiry !== other.expiry && !(Math.abs(expiry - other.expiry) < TOLERANCE_MS)) return false;
  const mover = MOVERS[type];
  const [size, otherSize] = await Promise.all([mover.size(a, key, options), mover.size(b, key, options)]);
  if (size !== otherSize) return false;
  for await (const { elements, place } of partsOf(mover, a, key, options)) {
    if (!await mover.has(b, key, elements, place, options)) return false;
  }
  return true;
}
