import { assertEquals } from "@std/assert";
import type { SyncStorageEngine } from "@ferrite/storage";
import { sameBytes } from "./bytes.ts";
import type { Random } from "./random.ts";

const KEYS = 5000;
/** Lengths of values, so drawn that records of all sizes meet, and now and then one of many records. */
const LENGTHS = [0, 1, 8, 20, 20, 20, 33, 100, 100, 300, 1500];

/** What the store should hold, in the plainest form. Times are real: expiries are either long ago or far away. */
export class Model {
  readonly values: Map<string, Uint8Array> = new Map();
  readonly expiring: Set<string> = new Set();
}

/** One random operation on both, whose answers must be the same. */
export function step(sync: SyncStorageEngine, model: Model, random: Random): void {
  const { values, expiring } = model;
  const key = `key:${random.below(KEYS)}`;
  const old = values.get(key) ?? null;
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const value = random.bytes(random.below(500) === 0 ? 16_000 + random.below(20_000) : random.pick(LENGTHS));
      const ttl = random.below(4) === 0 ? 1_000_000 : undefined;
      sync.set(key, value, { ttl });
      values.set(key, value);
      if (ttl === undefined) expiring.delete(key);
      else expiring.add(key);
      return;
    }
    case 4: {
      const isNew = sync.set(key, "new", { ifAbsent: true });
      assertEquals(isNew, old === null);
      if (isNew) values.set(key, new Uint8Array([110, 101, 119]));
      return;
    }
    case 5: {
      const suffix = random.bytes(random.below(40));
      if ((old?.length ?? 0) > 60_000) return;
      const joined = new Uint8Array((old?.length ?? 0) + suffix.length);
      joined.set(old ?? []);
      joined.set(suffix, old?.length ?? 0);
      assertEquals(sync.append(key, suffix), joined.length);
      values.set(key, joined);
      return;
    }
    case 6:
    case 7:
      assertEquals(sync.del(key), old !== null);
      values.delete(key);
      expiring.delete(key);
      return;
    case 8:
      assertEquals(sync.expire(key, 1_000_000), old !== null);
      if (old !== null) expiring.add(key);
      return;
    case 9:
      assertEquals(sync.persist(key), expiring.delete(key));
      return;
    case 10:
      assertEquals(sync.exists(key), old !== null);
      assertEquals(sync.ttl(key) === Infinity, old !== null && !expiring.has(key));
      return;
    case 11: {
      const counter = `n:${random.below(100)}`;
      const before = Number(new TextDecoder().decode(values.get(counter) ?? new Uint8Array([48])));
      const sum = sync.incrBy(counter, random.below(2000) - 1000);
      values.set(counter, new TextEncoder().encode(String(sum)));
      assertEquals(Math.abs(sum - before) <= 1000, true);
      return;
    }
    case 12: {
      const keys = Array.from({ length: random.below(20) }, () => `key:${random.below(KEYS)}`);
      sync.mget(keys).forEach((value, i) => assertSame(value, values.get(keys[i]) ?? null, keys[i]));
      return;
    }
    default:
      assertSame(sync.get(key), old, key);
  }
}

/** Both must hold the same keys, values and expiries. */
export function compareAll(sync: SyncStorageEngine, { values, expiring }: Model): void {
  assertEquals(sync.size(), values.size);
  for (const [key, value] of values) {
    assertSame(sync.get(key), value, key);
    assertEquals(sync.ttl(key) === Infinity, !expiring.has(key), key);
  }
  const keys = Array.from(sync.keys(), (key) => new TextDecoder().decode(key));
  assertEquals(new Set(keys).size, keys.length, "a quiet scan returns a key once");
  assertEquals(keys.sort(), [...values.keys()].sort());
}

function assertSame(actual: Uint8Array | null, expected: Uint8Array | null, key: string): void {
  if (!sameBytes(actual, expected)) {
    throw new Error(`${key}: got ${actual?.length} bytes, expected ${expected?.length}, or other ones`);
  }
}
