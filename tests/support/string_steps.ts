import { assertEquals } from "@std/assert";
import type { SyncStorageEngine } from "@ferrite/storage";
import { sameBytes } from "./bytes.ts";
import type { Random } from "./random.ts";

type Sync = Omit<SyncStorageEngine, "clear" | "stats">;

const KEYS = 8;
/** Around the lengths at which a value becomes one of many records. */
const LENGTHS = [0, 1, 20, 20, 300, 3000, 16_352, 16_353, 32_704, 40_000];
const MAX_LENGTH = 100_000;
const NOTHING = new Uint8Array(0);

/** What a store of strings should hold. */
export class StringModel {
  readonly values: Map<string, Uint8Array> = new Map();
  readonly expiring: Set<string> = new Set();

  replace(key: string, value: Uint8Array, expires: boolean): void {
    this.values.set(key, value);
    if (expires) this.expiring.add(key);
    else this.expiring.delete(key);
  }

  remove(key: string): boolean {
    this.expiring.delete(key);
    return this.values.delete(key);
  }

  restore(values: ReadonlyMap<string, Uint8Array>, expiring: ReadonlySet<string>): void {
    this.values.clear();
    this.expiring.clear();
    for (const [key, value] of values) this.values.set(key, value);
    for (const key of expiring) this.expiring.add(key);
  }
}

/** One random operation, of few keys and often with long values, on both, whose answers must be the same. */
export function stringStep(sync: Sync, model: StringModel, random: Random): void {
  const { values, expiring } = model;
  const key = randomKey(random);
  const other = randomKey(random);
  const old = values.get(key) ?? null;
  const value = random.bytes(random.pick(LENGTHS));
  switch (random.below(16)) {
    case 0:
    case 1: {
      const ttl = random.below(3) === 0 ? 1_000_000 : undefined;
      assertEquals(sync.set(key, value, { ttl }), true);
      return model.replace(key, value, ttl !== undefined);
    }
    case 2: {
      const isWritten = sync.set(key, value, { ifPresent: true, keepTtl: true });
      assertEquals(isWritten, old !== null);
      if (isWritten) values.set(key, value);
      return;
    }
    case 3: {
      const isWritten = sync.set(key, value, { ifAbsent: true });
      assertEquals(isWritten, old === null);
      if (isWritten) values.set(key, value);
      return;
    }
    case 4: {
      const keys = [...new Set(Array.from({ length: random.below(6) }, () => randomKey(random)))];
      const entries = keys.map((key): [string, Uint8Array] => [key, random.bytes(random.pick(LENGTHS))]);
      sync.mset(entries);
      for (const [key, value] of entries) model.replace(key, value, false);
      return;
    }
    case 5:
    case 6: {
      if ((old?.length ?? 0) > MAX_LENGTH) return;
      values.set(key, joined(old ?? NOTHING, value));
      assertEquals(sync.append(key, value), values.get(key)!.length);
      return;
    }
    case 7:
    case 8: {
      const offset = random.below(MAX_LENGTH);
      const length = value.length === 0 ? old?.length ?? 0 : Math.max(old?.length ?? 0, offset + value.length);
      assertEquals(sync.setRange(key, offset, value), length);
      if (value.length === 0) return;
      const after = joined(old ?? NOTHING, new Uint8Array(length - (old?.length ?? 0)));
      after.set(value, offset);
      values.set(key, after);
      return;
    }
    case 9: {
      const after = random.below(3) === 0 ? null : value;
      sync.update(key, (before) => {
        assertSame(before, old, key);
        return after;
      });
      if (after === null) model.remove(key);
      else values.set(key, after);
      return;
    }
    case 10: {
      const isCopied = sync.copy(key, other, { replace: true });
      assertEquals(isCopied, old !== null);
      if (old !== null) model.replace(other, old, expiring.has(key));
      return;
    }
    case 11: {
      assertEquals(sync.rename(key, other), old !== null);
      const expires = expiring.has(key);
      model.remove(key);
      if (old !== null) model.replace(other, old, expires);
      return;
    }
    case 12:
      assertEquals(sync.expire(key, 1_000_000), old !== null);
      if (old !== null) expiring.add(key);
      return;
    case 13:
      assertEquals(sync.persist(key), expiring.delete(key));
      return;
    case 14:
      assertEquals(sync.del(key), model.remove(key));
      return;
    default: {
      const counter = `n:${key}`;
      const before = Number(new TextDecoder().decode(values.get(counter) ?? NOTHING));
      values.set(counter, new TextEncoder().encode(String(before + 7)));
      assertEquals(sync.incrBy(counter, 7), before + 7);
    }
  }
}

/** Reads a key in all the ways there are. */
export function compareString(sync: Sync, { values, expiring }: StringModel, random: Random): void {
  const key = randomKey(random);
  const value = values.get(key) ?? null;
  const keys = [key, `n:${key}`, randomKey(random), "absent"];
  assertSame(sync.get(key, { own: random.below(2) === 0 }), value, key);
  sync.mget(keys, { own: random.below(2) === 0 }).forEach((found, i) => {
    assertSame(found, values.get(keys[i]) ?? null, keys[i]);
  });
  const start = random.below(MAX_LENGTH);
  assertSame(sync.getRange(key, start, start + 20_000), (value ?? NOTHING).slice(start, start + 20_001), key);
  assertEquals(sync.strlen(key), value?.length ?? 0);
  assertEquals(sync.exists(key), value !== null);
  assertEquals(sync.type(key), value === null ? null : "string");
  assertEquals(sync.ttl(key) === Infinity, value !== null && !expiring.has(key));
}

function randomKey(random: Random): string {
  return `key:${random.below(KEYS)}`;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function assertSame(actual: Uint8Array | null, expected: Uint8Array | null, key: string): void {
  if (!sameBytes(actual, expected)) {
    throw new Error(`${key}: got ${actual?.length} bytes, expected ${expected?.length}, or other ones`);
  }
}
