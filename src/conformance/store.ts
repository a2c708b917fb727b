import type { CallOptions, Capabilities } from "../engine.ts";
import { about, assert, assertEquals } from "./assert.ts";
import { textOf } from "./bytes.ts";
import { CALLS, COMBINING } from "./calls.ts";
import type { Check } from "./check.ts";
import type { CollectionStore } from "./face.ts";

/** What a store is as a whole, with the methods that give promises: `check` is of the store itself. */
export function checkStore(check: Check): void {
  const { assertFails, capabilities, collections, types } = check;
  const checkWhole = (what: string, run: (store: CollectionStore) => Promise<void>, needs?: keyof Capabilities) =>
    check(what, (store) => run(store as CollectionStore), needs);

  checkWhole("has the capabilities it is meant to have", async (store) => {
    assertEquals({ ...store.supports }, { ...capabilities }, "store.supports");
    assert(Object.isFrozen(store.supports), "store.supports is not frozen");
    assertEquals(store.sync !== undefined, capabilities.sync, "whether there is store.sync");
  });

  checkWhole("takes operations on one key in the order they are called", async (store) => {
    const results = await Promise.all([
      store.set("k", "1"),
      store.incrBy("k", 5),
      store.append("k", "0"),
      store.get("k"),
      store.del("k"),
      store.get("k"),
    ]);
    assertEquals(results.slice(0, 3), [true, 6, 2]);
    assertEquals(textOf(results[3] as Uint8Array), "60");
    assertEquals(results.slice(4), [true, null]);
  });

  checkWhole("rejects a call whose signal is aborted, and has not done it", async (store) => {
    await assertGivenUp((options) => store.set("k", "v", options));
    assertEquals(await store.exists("k"), false);
  });

  checkWhole("answers CLOSED after close, which can be called twice", async (store) => {
    await store.set("k", "v");
    await store.close();
    await store.close();
    const calls: (() => unknown)[] = [
      () => store.get("k"),
      () => store.set("k", "v"),
      () => store.mget(["k"]),
      () => store.mset([["k", "v"]]),
      () => store.incrBy("k"),
      () => store.scan(),
      () => store.clear(),
      () => store.size(),
      () => store.keys().next(),
      () => store.update("k", () => "v"),
    ];
    for (const call of calls) await assertFails(call, "CLOSED");
  });

  if (collections.length > 0) {
    checkWhole("takes operations on one collection in the order they are called", async (store) => {
      // All on one key, which holds one type after another, and none awaited before the next is called.
      const results = await Promise.all(
        collections.map(({ add, read }) =>
          Promise.all([add(store, "k", ["a", "b"]), add(store, "k", ["c"]), read(store, "k"), store.del("k")])
        ),
      );
      const contents = { list: "a,b,c", hash: "a=va,b=vb,c=vc", set: "a,b,c", zset: "a=1,b=1,c=1" };
      for (const [i, { type }] of collections.entries()) {
        assertEquals(results[i], [2, type === "list" ? 3 : 1, contents[type], true], type);
      }
    });

    checkWhole("rejects a call on a collection whose signal is aborted, and has not done it", async (store) => {
      if (types.has("list")) await assertGivenUp((options) => store.rpush("k", ["a"], options));
      if (types.has("hash")) await assertGivenUp((options) => store.hset("k", "f", "v", options));
      if (types.has("set")) await assertGivenUp((options) => store.sadd("k", ["a"], options));
      if (types.has("zset")) await assertGivenUp((options) => store.zadd("k", [[1, "a"]], options));
      assertEquals(await store.exists("k"), false);
    });

    checkWhole("answers CLOSED on collections after close", async (store) => {
      for (const { type, add } of collections) await add(store, type, ["a"]);
      await store.close();
      const calls = collections.flatMap(({ type }) => Object.entries(CALLS[type]));
      if (types.has("zset")) calls.push(...Object.entries(COMBINING));
      for (const [name, call] of calls) await about(name, () => assertFails(() => call(store, "k"), "CLOSED"));
    });
  }

  checkWhole("takes a transaction in its turn", async (store) => {
    const results = await Promise.all([
      store.append("k", "a"),
      store.transact((tx) => tx.append("k", "b")),
      store.append("k", "c"),
      store.transact((tx) => textOf(tx.get("k"))),
      store.del("k"),
    ]);
    assertEquals(results, [1, 2, 3, "abc", true]);
  }, "transactions");

  checkWhole("rejects a transaction whose signal is aborted, and has not begun it", async (store) => {
    await assertGivenUp((options) => store.transact((tx) => tx.set("k", "v"), options));
    assertEquals(await store.exists("k"), false);
  }, "transactions");

  checkWhole("answers CLOSED to a transaction after close", async (store) => {
    await store.close();
    await assertFails(() => store.transact((tx) => tx.get("k")), "CLOSED");
  }, "transactions");
}

/** A call must fail with the reason of a signal that is aborted already. */
async function assertGivenUp(call: (options: CallOptions) => Promise<unknown>): Promise<void> {
  const reason = new Error("enough");
  let thrown: unknown;
  try {
    await call({ signal: AbortSignal.abort(reason) });
  } catch (error) {
    thrown = error;
  }
  assert(thrown === reason, `${call} failed with ${thrown}, not with the signal's reason`);
}
