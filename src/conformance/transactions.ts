import type { Transaction } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { assert, assertBytes, assertEquals, assertTexts } from "./assert.ts";
import { pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";
import { contentOf } from "./contents.ts";
import type { Face } from "./face.ts";
import { numbered, texts } from "./texts.ts";
import { CHANGES, fillForChanges } from "./transaction_changes.ts";

/** What a transaction is made to throw. */
class Stop extends Error {}

async function assertStopped(run: () => unknown): Promise<void> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof Stop, `transact failed with ${thrown}, not with what its function threw`);
}

/** The code that a call fails with at once. */
function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** Everything in a store that does not change with time. */
async function dump(store: Face): Promise<string[]> {
  const lines = [];
  for await (const key of store.keys()) {
    const left = await store.ttl(key);
    const name = textOf(key)!;
    lines.push(`${name}: ${await contentOf(store, name)}${left === Infinity ? "" : ", expires"}`);
  }
  assertEquals(lines.length, await store.size());
  return lines.sort();
}

/** What `transact` does. */
export function checkTransactions(check: Check): void {
  const { assertFails, kinds, types } = check;
  const fill = (store: Face) => fillForChanges(store, kinds);
  const changes = CHANGES.filter(({ needs }) => needs === undefined || check.capabilities[needs]);

  check("transact takes effect all at once, and resolves to what its function returned", async (store) => {
    await store.set("stock", "3");
    const result = await store.transact((tx) => {
      tx.incrBy("stock", -1);
      tx.append("orders", "order 1");
      return { left: Number(textOf(tx.get("stock"))), orders: tx.strlen("orders") };
    });
    assertEquals(result, { left: 2, orders: 7 });
    assertEquals(texts(await store.mget(["stock", "orders"])), ["2", "order 1"]);
    assertEquals(await store.transact(() => {}), undefined);
  });

  check("a transaction sees what it has written itself", async (store) => {
    await fill(store);
    await store.transact((tx) => {
      const before = tx.size();
      tx.set("k", "v");
      tx.del("string");
      assertEquals([textOf(tx.get("k")), tx.exists("string")], ["v", false]);
      assertEquals(texts(tx.mget(["k", "string"])), ["v", null]);
      for (const { type } of kinds) {
        tx.rename(`large ${type}`, `renamed ${type}`);
        assertEquals([tx.type(`renamed ${type}`), tx.type(`large ${type}`)], [type, null]);
      }
      if (types.has("zset")) {
        tx.zadd("zset", [[0, "x"]]);
        assertEquals(texts(tx.zrange("zset", 0, -1)), ["x", "a", "b", "c"]);
      }
      const keys = Array.from(tx.keys(), textOf);
      assertEquals([keys.includes("k"), keys.includes("renamed string"), keys.includes("large string")], [
        true,
        true,
        false,
      ]);
      assertEquals([tx.size(), keys.length], [before, before]);
    });
  });

  for (const { what, apply } of changes) {
    const change = (tx: Transaction) => apply(tx, types);
    check(`a transaction that throws leaves no trace: ${what}`, async (store) => {
      await fill(store);
      const before = await dump(store);
      await assertStopped(() =>
        store.transact((tx) => {
          change(tx);
          throw new Stop();
        })
      );
      assertTexts(await dump(store), before);
      assertBytes(await store.get("chunked"), pattern(200_000), "a long value");
      // What was rolled back must have left nothing that is in the way of the same once more.
      await store.transact(change);
      const after = await dump(store);
      assert(after.join() !== before.join(), "nothing has changed");
      await store.clear();
      await fill(store);
      await store.transact(change);
      assertTexts(await dump(store), after);
    });
  }

  check("a transaction that throws leaves no trace, whatever was done before it in one", async (store) => {
    await fill(store);
    const before = await dump(store);
    for (let first = 0; first < changes.length; first++) {
      await assertStopped(() =>
        store.transact((tx) => {
          // Some find that a key holds something else now: that ends a change, not the transaction.
          for (const { apply } of [...changes.slice(first), ...changes.slice(0, first)]) {
            try {
              apply(tx, types);
            } catch (error) {
              if (!(error instanceof StorageError)) throw error;
            }
          }
          throw new Stop();
        })
      );
      assertTexts(await dump(store), before);
    }
  });

  check("a transaction of many keys is rolled back, and can be done again", async (store) => {
    const keys = numbered(check.some(1000) * 10);
    for (let i = 0; i < keys.length; i += 2) await store.set(keys[i], "old", i % 3 === 0 ? { ttl: 1_000_000 } : {});
    const before = await dump(store);
    const change = (tx: Transaction) => {
      for (const [i, key] of keys.entries()) {
        if (i % 5 === 0) tx.del(key);
        else tx.set(key, "new");
      }
    };
    await assertStopped(() =>
      store.transact((tx) => {
        change(tx);
        throw new Stop();
      })
    );
    assertTexts(await dump(store), before);
    await store.transact(change);
    assertEquals(await store.size(), keys.length * 0.8);
    assertEquals(textOf(await store.get(keys.at(-1)!)), "new");
  });

  check("what a transaction throws is what transact fails with", async (store) => {
    const error = new Error("sold out");
    let thrown: unknown;
    try {
      await store.transact((tx) => {
        tx.set("k", "v");
        throw error;
      });
    } catch (caught) {
      thrown = caught;
    }
    assert(thrown === error, `transact failed with ${thrown}, not with what its function threw`);
    await store.set("text", "abc");
    const refused = () =>
      store.transact((tx) => {
        tx.set("k", "v");
        tx.incrBy("text");
      });
    await assertFails(refused, "NOT_INTEGER");
    assertEquals(await store.exists("k"), false);
  });

  check("an operation that fails within a transaction and is caught changes nothing itself", async (store) => {
    await store.set("text", "abc");
    await store.transact((tx) => {
      tx.set("before", "v");
      assertEquals(codeOf(() => tx.mset([["new", "v"], ["k".repeat(70_000), "v"]])), "TOO_LARGE");
      assertEquals(codeOf(() => tx.incrBy("text")), "NOT_INTEGER");
      if (types.has("zset")) assertEquals(codeOf(() => tx.zadd("z", [[1, "a"], [NaN, "b"]])), "OUT_OF_RANGE");
      tx.set("after", "v");
    });
    assertEquals(await dump(store), ["after: string v", "before: string v", "text: string abc"]);
  });

  check("a function that returns a promise is refused, and nothing has happened", async (store) => {
    await store.set("k", "v");
    const wrong: ((tx: Transaction) => unknown)[] = [
      async (tx) => {
        tx.set("k", "w");
        tx.set("new", "w");
      },
      (tx) => {
        tx.append("new", "w");
        return Promise.resolve(5);
      },
      (tx) => {
        tx.del("k");
        return { then: (resolve?: (value: number) => void) => resolve?.(5) };
      },
    ];
    for (const change of wrong) await assertFails(() => store.transact(change), "WRONG_TYPE");
    assertEquals(await dump(store), ["k: string v"]);
    for (const change of [undefined, null, 5, "x", {}]) {
      await assertFails(() => store.transact(change as never), "WRONG_TYPE");
    }
  });

  check("the store itself must not be written to within a transaction", async (store) => {
    await fill(store);
    const before = await dump(store);
    const inner: unknown[] = [];
    await store.transact((tx) => {
      const writes = [
        () => store.set("k", "v"),
        () => store.del("string"),
        () => store.mset([["k", "v"]]),
        () => store.incrBy("n"),
        ...kinds.map(({ type, add }) => () => add(store, type, ["x"])),
        () => store.expire("string", 1000),
        () => store.rename("string", "k"),
        () => store.clear(),
        () => store.transact((inner) => inner.set("k", "v")),
      ];
      for (const write of writes) inner.push((async () => await write())().catch((error) => error.code));
      assertEquals(tx.size(), before.length);
    });
    assertEquals(await Promise.all(inner), inner.map(() => "CONFLICT"));
    assertTexts(await dump(store), before);
    await store.set("k", "v");
    assertEquals(await store.size(), before.length + 1);
  });

  check("a transaction whose function catches all errors loses nothing that it was not told of", async (store) => {
    const keys = numbered(check.some(300));
    const refusals = await store.transact((tx) => {
      const refusals: string[] = [];
      for (const key of keys) {
        try {
          tx.set(key, pattern(10_000));
        } catch (error) {
          refusals.push(String(error));
        }
      }
      return refusals;
    });
    assertEquals(refusals.slice(0, 3), [], "what was refused");
    assertEquals(await store.size(), keys.length);
  });

  check("a transaction has no other one within", async (store) => {
    let code: unknown;
    await store.transact((tx) => {
      tx.set("k", "v");
      const { transact } = tx as unknown as { transact?: (change: (tx: Transaction) => void) => void };
      try {
        transact?.call(tx, (inner) => inner.set("k", "w"));
        code = transact === undefined ? "CONFLICT" : "none";
      } catch (error) {
        code = (error as { code?: string }).code;
      }
    });
    assertEquals([code, await dump(store)], ["CONFLICT", ["k: string v"]]);
  });

  check("a transaction cannot be used after its end", async (store) => {
    const kept: Transaction[] = [];
    await store.transact((tx) => {
      tx.set("k", "v");
      kept.push(tx);
    });
    await assertStopped(() =>
      store.transact((tx) => {
        kept.push(tx);
        throw new Stop();
      })
    );
    for (const tx of kept) {
      await assertFails(() => tx.set("k", "w"), "CONFLICT");
      await assertFails(() => tx.get("k"), "CONFLICT");
      await assertFails(() => tx.scan(), "CONFLICT");
      for (const { add } of kinds) await assertFails(() => add(tx, "new", ["w"]), "CONFLICT");
      if (types.has("zset")) await assertFails(() => tx.zcard("z"), "CONFLICT");
    }
    // Nor while another one runs.
    await store.transact((tx) => {
      assertEquals([codeOf(() => kept[0].set("k", "w")), textOf(tx.get("k"))], ["CONFLICT", "v"]);
    });
    assertEquals(await dump(store), ["k: string v"]);
  });
}
