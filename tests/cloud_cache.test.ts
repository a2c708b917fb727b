import { assert, assertEquals } from "@std/assert";
import { pattern, sameBytes, textOf } from "./support/bytes.ts";
import { onStage } from "./support/cloud/stage.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { seeded } from "./support/random.ts";

const KEYS = 60;
const LENGTHS = [10, 1000, 30_000, 70_000, 300_000, 1_048_576];

test("a small cache never gives a wrong answer, however much goes through it at a time", () =>
  seeded((random) =>
    onStage(async (stage) => {
      await using store = stage.store({ cache: { size: "8MB", maxStalenessMs: 1e9 } });
      const model = new Map<string, Uint8Array>();
      stage.bucket.fateOf = () => ({ what: "served", delayMs: random.below(10) });
      const draw = () => `key:${random.below(KEYS)}`;
      const read = async (key: string) => {
        const [expected, value] = [model.get(key) ?? null, await store.get(key)];
        assert(
          sameBytes(value, expected),
          `${key}: got ${value?.length} bytes, expected ${expected?.length}, or others`,
        );
      };
      for (let round = 0; round < 60; round++) {
        const keys = [...new Set(Array.from({ length: 1 + random.below(30) }, draw))];
        await Promise.all(keys.map(async (key) => {
          const old = model.get(key) ?? new Uint8Array(0);
          switch (random.below(5)) {
            case 0: {
              const value = pattern(random.pick(LENGTHS), random.below(250));
              model.set(key, value);
              return void await store.set(key, value);
            }
            case 1: {
              const suffix = pattern(random.below(1000), random.below(250));
              const joined = new Uint8Array(old.length + suffix.length);
              joined.set(old);
              joined.set(suffix, old.length);
              model.set(key, joined);
              return assertEquals(await store.append(key, suffix), joined.length);
            }
            case 2:
              return assertEquals(await store.strlen(key), old.length);
            default:
              return await read(key);
          }
        }));
      }
      const all = [...model.keys()];
      const values = await store.mget(all);
      values.forEach((value, i) => assert(sameBytes(value, model.get(all[i])!), all[i]));
      const { evictions, memoryBytes } = store.stats();
      assert(evictions > 0 && memoryBytes <= 8 * 2 ** 20, `${evictions} evictions, ${memoryBytes} bytes`);
    })
  ));

test("what is read again and again stays, while others come and go", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB", maxStalenessMs: Infinity } });
    const hot = ["a", "b", "c"];
    for (const key of hot) await store.set(key, key);
    for (let i = 0; i < 200; i++) {
      await store.set(`flood:${i}`, pattern(60_000, i));
      const { reads } = store.stats();
      for (const key of hot) assertEquals(textOf(await store.get(key)), key);
      assertEquals(store.stats().reads, reads);
    }
    assert(store.stats().evictions > 50);
    await store.get("flood:0"); // which was not read again
    assertEquals(store.stats().reads, 1);
  }));

test("keys that hold nothing are not remembered without end", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB", maxStalenessMs: 1e9, negative: true } });
    const KEYS = 20_000;
    for (let i = 0; i < KEYS; i += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, next) => store.exists(`key ${i + next}`)));
    }
    const { reads, evictions } = store.stats();
    assertEquals(reads, KEYS);
    assert(evictions >= KEYS / 2, `${evictions} keys were forgotten`);
    assertEquals(await store.exists(`key ${KEYS - 1}`), false);
    assertEquals(store.stats().reads, KEYS); // remembered
  }));

test("what is too old is asked for again, however long the store has run", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { maxStalenessMs: 1000 } });
    for (const pause of [0, 10, 2 ** 30, 2 ** 31, 2 ** 40]) {
      await stage.clock.sleep(pause);
      await store.set("key", "value");
      const { reads } = store.stats();
      await stage.clock.sleep(999);
      await store.get("key");
      assertEquals(store.stats().reads, reads, `after ${pause} ms`);
      await stage.clock.sleep(2);
      await store.get("key");
      assertEquals(store.stats().reads, reads + 1, `after ${pause} ms`);
    }
  }));

test("of a value larger than the cache any part can be used, but not the whole, and nothing is lost", () =>
  onStage(async (stage) => {
    await using small = stage.store({ cache: { size: "8MB" } });
    await using large = stage.other({ cache: { size: "64MB" } });
    const value = pattern(10_000_000);
    await assertFails(() => small.set("key", value), "TOO_LARGE", "raise cache.size");
    assertEquals(await small.get("key"), null);
    await small.set("key", "small");
    await assertFails(() => small.set("key", value), "TOO_LARGE", "raise cache.size");
    assertEquals(await small.strlen("key"), 5);

    await large.set("key", value);
    for (
      const call of [() => small.get("key"), () => small.update("key", () => "x"), () => small.copy("key", "copy")]
    ) {
      await assertFails(call, "OUT_OF_MEMORY", "cache");
      assertEquals(await small.incrBy("count") > 0, true);
    }
    assert(sameBytes(await large.get("key"), value));
    assertEquals(await small.append("key", "!"), 10_000_001);
    assertEquals(await small.setRange("key", 5_000_000, "?"), 10_000_001);
    value[5_000_000] = 0x3f;
    assert(sameBytes(await small.getRange("key", 4_999_990, 5_100_000), value.subarray(4_999_990, 5_100_001)));
    assert(sameBytes(await large.getRange("key", 0, -2), value));
    assertEquals(await small.del("key"), true);
    assertEquals(await large.get("key"), null);
  }));

test("what does not fit the cache beside what it takes the place of is an error, and nothing is lost", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB" } });
    await store.set("other", pattern(2_000_000));
    await store.set("key", pattern(4_500_000));
    await assertFails(() => store.update("key", () => pattern(4_500_000, 2)), "OUT_OF_MEMORY", "cache");
    assert(sameBytes(await store.get("key"), pattern(4_500_000)));
    assertEquals(await store.strlen("other"), 2_000_000);
    assertEquals(await store.del("key"), true);
  }));

test("what needs much room gets that of all else", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB" } });
    await store.set("other", pattern(2_000_000));
    await store.set("key", pattern(2_000_000));
    await store.update("key", () => pattern(3_700_000, 2));
    assert(sameBytes(await store.get("key"), pattern(3_700_000, 2)));
    assert(sameBytes(await store.get("other"), pattern(2_000_000)));
  }));

test("several keys that fit the cache only one at a time are an error for what needs all of them", () =>
  onStage(async (stage) => {
    await using store = stage.store({ cache: { size: "8MB" } });
    const members = (from: number) => Array.from({ length: 50 }, (_, i) => new Uint8Array(60_000).fill(from + i));
    for (const [key, from] of [["a", 0], ["b", 50], ["c", 100]] as const) {
      for (const member of members(from)) await store.sadd(key, [member]);
    }
    await assertFails(() => store.sunion(["a", "b", "c"]), "OUT_OF_MEMORY", "cache");
    assertEquals((await store.sunion(["a"])).length, 50);
    assertEquals(await Promise.all(["a", "b", "c"].map((key) => store.scard(key))), [50, 50, 50]);
  }));
