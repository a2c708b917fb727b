import type { ValueType } from "../engine.ts";
import { assert, assertEquals, assertTexts } from "./assert.ts";
import { textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import type { Face } from "./face.ts";
import { numbered } from "./texts.ts";

interface Step {
  cursor: string | null;
  names: string[];
}

/** How each type that can be scanned is made and read. */
interface Scanned {
  readonly method: string;
  readonly type: ValueType;
  add(store: Face, key: string, names: string[]): unknown;
  remove(store: Face, key: string, names: string[]): unknown;
  step(store: Face, key: string, options?: Parameters<Face["hscan"]>[1]): Promise<Step>;
}

const SCANNED: readonly Scanned[] = [
  {
    method: "hscan",
    type: "hash",
    add: (store, key, names) => store.hmset(key, names.map((name): [string, string] => [name, `v${name}`])),
    remove: (store, key, names) => store.hdel(key, names),
    step: async (store, key, options) => {
      const { cursor, entries } = await store.hscan(key, options);
      for (const [field, value] of entries) assertEquals(textOf(value), `v${textOf(field)}`);
      return { cursor, names: entries.map(([field]) => textOf(field)!) };
    },
  },
  {
    method: "sscan",
    type: "set",
    add: (store, key, names) => store.sadd(key, names),
    remove: (store, key, names) => store.srem(key, names),
    step: async (store, key, options) => {
      const { cursor, members } = await store.sscan(key, options);
      return { cursor, names: members.map((member) => textOf(member)!) };
    },
  },
  {
    method: "zscan",
    type: "zset",
    add: (store, key, names) => store.zadd(key, names.map((name): [number, string] => [name.length / 2, name])),
    remove: (store, key, names) => store.zrem(key, names),
    step: async (store, key, options) => {
      const { cursor, entries } = await store.zscan(key, options);
      for (const [member, score] of entries) assertEquals(score, textOf(member)!.length / 2);
      return { cursor, names: entries.map(([member]) => textOf(member)!) };
    },
  },
];

/** What `hscan`, `sscan` and `zscan` do. */
export function checkElementScans(check: Check): void {
  for (const scanned of SCANNED) {
    if (check.types.has(scanned.type)) checkElementScan(check, scanned);
  }
}

function checkElementScan(check: Check, { method, add, remove, step }: Scanned): void {
  const { assertFails, some } = check;

  async function scanAll(store: Face, options: Parameters<Face["hscan"]>[1], meanwhile?: () => Promise<void>) {
    const found = new Set<string>();
    let cursor: string | null = null;
    let steps = 0;
    do {
      const next: Step = await step(store, "k", { ...options, cursor });
      for (const name of next.names) found.add(name);
      cursor = next.cursor;
      assert(cursor === null || /^\d+$/.test(cursor), `the cursor ${cursor} is not decimal`);
      assert(++steps < 50_000, "the scan does not end");
      await meanwhile?.();
    } while (cursor !== null);
    return { found: [...found].sort(), steps };
  }

  check(`${method} goes over all elements, whatever the count`, async (store) => {
    const names = numbered(Math.max(some(3000), 150)); // too many for one step
    await add(store, "k", names);
    for (const count of [1, 7, 100, 100_000]) assertTexts((await scanAll(store, { count })).found, names);
    const { steps } = await scanAll(store, {});
    assert(steps > some(10), `${steps} steps of about 10 elements`);
    assertEquals(await step(store, "none"), { cursor: null, names: [] });
  });

  check(`${method} gives only elements that match`, async (store) => {
    await add(store, "k", ["user:1", "user:2", "user:10", "cart:1", "we*ird"]);
    assertEquals((await scanAll(store, { match: "user:?" })).found, ["user:1", "user:2"]);
    assertEquals((await scanAll(store, { match: "*:1*", count: 1 })).found, ["cart:1", "user:1", "user:10"]);
    assertEquals((await scanAll(store, { match: "we\\*ird" })).found, ["we*ird"]);
    assertEquals((await scanAll(store, { match: "nothing" })).found, []);
  });

  check(`${method} gives every element that is there all the time, while others come and go`, async (store) => {
    const stable = numbered(some(2000), "stable");
    const leaving = numbered(some(500), "leaving");
    await add(store, "k", [...stable, ...leaving]);
    let round = 0;
    const { found } = await scanAll(store, { count: 20 }, async () => {
      round++;
      // Before, between and behind the others, so that wherever the scan stands something moves.
      if (round < 100) await add(store, "k", ["a", "r", "z"].flatMap((prefix) => numbered(20, `${prefix}${round}:`)));
      if (round > 1) await remove(store, "k", ["a", "z"].flatMap((prefix) => numbered(20, `${prefix}${round - 1}:`)));
      await remove(store, "k", leaving.slice((round - 1) * 10, round * 10));
    });
    const seen = new Set(found);
    for (const name of stable) assert(seen.has(name), `${name} was there all the time, and was not found`);
  });

  check(`${method} ends when all elements are removed, and made anew, on the way`, async (store) => {
    await add(store, "k", numbered(1000));
    const { cursor } = await step(store, "k", { count: 100 });
    await remove(store, "k", numbered(1000));
    assertEquals(await step(store, "k", { cursor }), { cursor: null, names: [] });
    await add(store, "k", ["one"]);
    const { names } = await step(store, "k", { cursor, count: 100 });
    assert(names.length <= 1, `${names.length} elements of 1`);
  });

  check(`${method} refuses a cursor, a count and a pattern that make no sense`, async (store) => {
    await add(store, "k", numbered(100));
    for (const cursor of ["x", "-1", "1.5", "", " 1", "99999999999999999999"]) {
      await assertFails(() => step(store, "k", { cursor }), "OUT_OF_RANGE");
      await assertFails(() => step(store, "none", { cursor }), "OUT_OF_RANGE");
    }
    for (const count of [0, -1, 1.5, NaN, Infinity]) {
      await assertFails(() => step(store, "k", { count }), "OUT_OF_RANGE");
      await assertFails(() => step(store, "none", { count }), "OUT_OF_RANGE");
    }
    await assertFails(() => step(store, "k", { match: 5 as never }), "WRONG_TYPE");
  });
}
