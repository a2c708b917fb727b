import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { StorageError, type Transaction } from "@ferrite/storage";
import { pattern, sameBytes, textOf } from "../bytes.ts";
import { assertFails } from "../errors.ts";
import { assertTexts, type Check, type Face, numbered, texts } from "./face.ts";
import { contentOf, CONTENTS, KINDS } from "./kinds.ts";

/** What a transaction is made to throw. */
class Stop extends Error {}

async function assertStopped(run: () => unknown): Promise<void> {
  let thrown: unknown;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof Stop, `not ${thrown}`);
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

const LARGE = CONTENTS[1];

async function fill(store: Face): Promise<void> {
  for (const { type, add } of KINDS) {
    await add(store, type, ["a", "b", "c"]);
    await add(store, `large ${type}`, LARGE);
    await add(store, `expiring ${type}`, ["a", "b", "c"]);
    await store.expire(`expiring ${type}`, 1_000_000);
  }
  await store.set("chunked", pattern(200_000));
  await store.set("n", "41");
}

/** Something of everything, on the keys of `fill`. What it does is the same each time. */
const CHANGES: Record<string, (tx: Transaction) => void> = {
  "new keys": (tx) => {
    tx.set("new", "v");
    tx.set("new chunked", pattern(100_000));
    tx.mset([["new 1", "v"], ["new 2", "v"]]);
    tx.rpush("new list", LARGE);
    tx.hset("new hash", "f", pattern(20_000));
    tx.sadd("new set", LARGE);
    tx.zadd("new zset", LARGE.map((member, i): [number, string] => [-i, member]));
    tx.expire("new zset", 1_000_000);
  },
  "values written over": (tx) => {
    tx.set("string", "w");
    tx.set("large string", "w", { keepTtl: true });
    tx.set("large list", "w");
    tx.set("chunked", pattern(100_000, 5));
    tx.mset([["hash", "w"], ["large set", "w"]]);
    tx.append("expiring string", "!");
    tx.update("n", () => "7");
    tx.incrBy("n", 5);
  },
  "parts of values": (tx) => {
    tx.setRange("chunked", 50_000, "x".repeat(40_000));
    tx.setRange("string", 5, "x");
    tx.append("chunked", pattern(30_000));
  },
  "keys removed": (tx) => {
    for (const { type } of KINDS) {
      tx.del(type);
      tx.del(`large ${type}`);
      tx.del(`expiring ${type}`);
    }
    tx.del("chunked");
  },
  "keys removed and made anew": (tx) => {
    for (const { type } of KINDS) {
      tx.del(`large ${type}`);
      tx.del(`expiring ${type}`);
    }
    tx.sadd("large list", ["x"]);
    tx.rpush("large set", ["x"]);
    tx.set("expiring hash", "x");
    tx.hset("expiring string", "f", "x");
  },
  "expiries": (tx) => {
    for (const { type } of KINDS) {
      tx.expire(`large ${type}`, 1_000_000);
      tx.persist(`expiring ${type}`);
    }
  },
  "names": (tx) => {
    for (const { type } of KINDS) {
      tx.rename(`large ${type}`, `renamed ${type}`);
      tx.copy(`expiring ${type}`, type, { replace: true });
    }
    tx.rename("large nothing", "renamed nothing");
    tx.rename("renamed list", "renamed hash");
    tx.rename("chunked", "chunked again");
  },
  "lists": (tx) => {
    tx.rpush("list", ["x", pattern(20_000)]);
    tx.ltrim("large list", 100, -2000);
    tx.lset("large list", 5, pattern(20_000));
    tx.linsertAt("large list", 50, "x");
    tx.lrem("large list", 0, LARGE[105]);
    while (tx.lmove("expiring list", "moved", "left", "right") !== null);
    tx.lpop("list", 2);
  },
  "hashes": (tx) => {
    tx.hmset("large hash", LARGE.map((field): [string, string] => [field, `${field}!`]));
    tx.hdel("large hash", LARGE.slice(500, 2000));
    tx.hset("hash", "a", pattern(20_000));
    tx.hincrBy("hash", "n", 5);
    tx.hdel("expiring hash", ["a", "b", "c"]);
  },
  "sets": (tx) => {
    tx.srem("large set", LARGE.slice(0, 2500));
    tx.sadd("large set", ["x", "y"]);
    tx.smove("set", "moved", "a");
    tx.spop("expiring set", 3);
    tx.sunionStore("set", ["set", "moved", "large set"]);
  },
  "sorted sets": (tx) => {
    tx.zremRangeByRank("large zset", 10, -10);
    tx.zadd("large zset", numbered(500, "x").map((member, i): [number, string] => [i, member]));
    tx.zincrBy("zset", 5, "a");
    tx.zpopMin("expiring zset", 3);
    tx.zunionStore("zset", ["large zset", "zset"]);
  },
};

export function transactionConformance(check: Check): void {
  check("transact takes effect all at once, and resolves to what its function returned", async (store) => {
    await store.set("stock", "3");
    const result = await store.transact((tx) => {
      tx.incrBy("stock", -1);
      tx.rpush("orders", ["order 1"]);
      return { left: Number(textOf(tx.get("stock"))), orders: tx.llen("orders") };
    });
    assertEquals(result, { left: 2, orders: 1 });
    assertEquals([textOf(await store.get("stock")), await store.llen("orders")], ["2", 1]);
    assertEquals(await store.transact(() => {}), undefined);
  });

  check("a transaction sees what it has written itself", async (store) => {
    await fill(store);
    await store.transact((tx) => {
      tx.set("k", "v");
      tx.del("string");
      tx.rename("list", "renamed");
      tx.zadd("zset", [[0, "x"]]);
      assertEquals([textOf(tx.get("k")), tx.exists("string"), tx.type("renamed"), tx.type("list")], [
        "v",
        false,
        "list",
        null,
      ]);
      assertEquals(texts(tx.zrange("zset", 0, -1)), ["x", "a", "b", "c"]);
      assertEquals(texts(tx.mget(["k", "string"])), ["v", null]);
      const keys = Array.from(tx.keys(), textOf);
      assert(keys.includes("k") && keys.includes("renamed") && !keys.includes("list"));
      assertEquals(tx.size(), keys.length);
    });
  });

  for (const [what, change] of Object.entries(CHANGES)) {
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
      assert(sameBytes(await store.get("chunked"), pattern(200_000)));
      // What was rolled back must have left nothing that is in the way of the same once more.
      await store.transact(change);
      const after = await dump(store);
      assert(after.join() !== before.join());
      await store.clear();
      await fill(store);
      await store.transact(change);
      assertTexts(await dump(store), after);
    });
  }

  check("a transaction that throws leaves no trace, whatever was done before it in one", async (store) => {
    await fill(store);
    const before = await dump(store);
    const changes = Object.values(CHANGES);
    for (let first = 0; first < changes.length; first++) {
      await assertStopped(() =>
        store.transact((tx) => {
          // Some find that a key holds something else now: that ends a change, not the transaction.
          for (const change of [...changes.slice(first), ...changes.slice(0, first)]) {
            try {
              change(tx);
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
    const keys = numbered(Math.ceil(1000 * check.effort) * 10);
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
    assertStrictEquals(thrown, error);
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
      let code = "";
      try {
        tx.zadd("z", [[1, "a"], [NaN, "b"]]);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      assertEquals(code, "OUT_OF_RANGE");
      tx.set("after", "v");
    });
    assertEquals([await store.exists("before"), await store.exists("z"), await store.exists("after")], [
      true,
      false,
      true,
    ]);
  });

  check("a function that returns a promise is refused, and nothing has happened", async (store) => {
    await store.set("k", "v");
    const wrong: ((tx: Transaction) => unknown)[] = [
      async (tx) => {
        tx.set("k", "w");
        tx.set("new", "w");
      },
      (tx) => {
        tx.rpush("new", ["w"]);
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
        () => store.rpush("list", ["x"]),
        () => store.hset("hash", "f", "x"),
        () => store.sadd("set", ["x"]),
        () => store.zadd("zset", [[1, "x"]]),
        () => store.expire("string", 1000),
        () => store.rename("string", "k"),
        () => store.clear(),
        () => store.transact((inner) => inner.set("k", "v")),
      ];
      for (const write of writes) inner.push((async () => await write())().catch((error) => error.code));
      assertEquals(tx.size(), before.length);
    });
    assertEquals(await Promise.all(inner), Array(12).fill("CONFLICT"));
    assertTexts(await dump(store), before);
    await store.set("k", "v");
    assertEquals(await store.size(), before.length + 1);
  });

  check("a transaction whose function catches all errors loses nothing that it was not told of", async (store) => {
    const keys = numbered(Math.ceil(300 * check.effort));
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
    assertEquals(refusals.slice(0, 3), []);
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
      await assertFails(() => tx.rpush("l", ["w"]), "CONFLICT");
      await assertFails(() => tx.zcard("z"), "CONFLICT");
      await assertFails(() => tx.scan(), "CONFLICT");
    }
    // Nor while another one runs.
    await store.transact((tx) => {
      let code = "";
      try {
        kept[0].set("k", "w");
      } catch (error) {
        code = (error as { code: string }).code;
      }
      assertEquals([code, textOf(tx.get("k"))], ["CONFLICT", "v"]);
    });
    assertEquals(await dump(store), ["k: string v"]);
  });
}
