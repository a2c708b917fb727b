import type { Capabilities, Transaction, ValueType } from "../engine.ts";
import { pattern } from "./bytes.ts";
import { CONTENTS } from "./contents.ts";
import type { Face } from "./face.ts";
import type { Kind } from "./kinds.ts";
import { numbered } from "./texts.ts";

/** The elements of what is large. */
const LARGE = CONTENTS[1];

/** Three keys of each of these types, and two more: what the changes below are about. */
export async function fillForChanges(store: Face, kinds: readonly Kind[]): Promise<void> {
  for (const { type, add } of kinds) {
    await add(store, type, ["a", "b", "c"]);
    await add(store, `large ${type}`, LARGE);
    await add(store, `expiring ${type}`, ["a", "b", "c"]);
    await store.expire(`expiring ${type}`, 1_000_000);
  }
  await store.set("chunked", pattern(200_000));
  await store.set("n", "41");
}

/** Something to do in a transaction: the same each time, and only what stores with these types can do. */
export interface Change {
  readonly what: string;
  readonly needs?: keyof Capabilities;
  apply(tx: Transaction, types: ReadonlySet<ValueType>): void;
}

/** Something of everything, on the keys of {@linkcode fillForChanges}. */
export const CHANGES: readonly Change[] = [
  {
    what: "new keys",
    apply(tx, types) {
      tx.set("new", "v");
      tx.set("new chunked", pattern(100_000));
      tx.mset([["new 1", "v"], ["new 2", "v"]]);
      if (types.has("list")) tx.rpush("new list", LARGE);
      if (types.has("hash")) tx.hset("new hash", "f", pattern(20_000));
      if (types.has("set")) tx.sadd("new set", LARGE);
      if (types.has("zset")) tx.zadd("new zset", LARGE.map((member, i): [number, string] => [-i, member]));
      tx.expire("new 1", 1_000_000);
      tx.expire("new zset", 1_000_000);
    },
  },
  {
    what: "values written over",
    apply(tx) {
      tx.set("string", "w");
      tx.set("large string", "w", { keepTtl: true });
      tx.set("large list", "w");
      tx.set("chunked", pattern(100_000, 5));
      tx.mset([["hash", "w"], ["large set", "w"]]);
      tx.append("expiring string", "!");
      tx.update("n", () => "7");
      tx.incrBy("n", 5);
    },
  },
  {
    what: "parts of values",
    apply(tx) {
      tx.setRange("chunked", 50_000, "x".repeat(40_000));
      tx.setRange("string", 5, "x");
      tx.append("chunked", pattern(30_000));
    },
  },
  {
    what: "keys removed",
    apply(tx, types) {
      for (const type of types) {
        tx.del(type);
        tx.del(`large ${type}`);
        tx.del(`expiring ${type}`);
      }
      tx.del("chunked");
    },
  },
  {
    what: "keys removed and made anew",
    apply(tx, types) {
      for (const type of types) {
        tx.del(`large ${type}`);
        tx.del(`expiring ${type}`);
      }
      if (types.has("set")) tx.sadd("large list", ["x"]);
      if (types.has("list")) tx.rpush("large set", ["x"]);
      tx.set("expiring hash", "x");
      if (types.has("hash")) tx.hset("expiring string", "f", "x");
    },
  },
  {
    what: "expiries",
    apply(tx, types) {
      for (const type of types) {
        tx.expire(`large ${type}`, 1_000_000);
        tx.persist(`expiring ${type}`);
      }
    },
  },
  {
    what: "names",
    apply(tx, types) {
      for (const type of types) {
        tx.rename(`large ${type}`, `renamed ${type}`);
        tx.copy(`expiring ${type}`, type, { replace: true });
      }
      tx.rename("large nothing", "renamed nothing");
      tx.rename("renamed list", "renamed hash");
      tx.rename("chunked", "chunked again");
    },
  },
  {
    what: "lists",
    needs: "lists",
    apply(tx) {
      tx.rpush("list", ["x", pattern(20_000)]);
      tx.ltrim("large list", 100, -2000);
      tx.lset("large list", 5, pattern(20_000));
      tx.linsertAt("large list", 50, "x");
      tx.lrem("large list", 0, LARGE[105]);
      for (let i = 0; i < 3; i++) tx.lmove("expiring list", "moved", "left", "right");
      tx.lpop("list", 2);
    },
  },
  {
    what: "hashes",
    needs: "hashes",
    apply(tx) {
      tx.hmset("large hash", LARGE.map((field): [string, string] => [field, `${field}!`]));
      tx.hdel("large hash", LARGE.slice(500, 2000));
      tx.hset("hash", "a", pattern(20_000));
      tx.hincrBy("hash", "n", 5);
      tx.hdel("expiring hash", ["a", "b", "c"]);
    },
  },
  {
    what: "sets",
    needs: "sets",
    apply(tx) {
      tx.srem("large set", LARGE.slice(0, 2500));
      tx.sadd("large set", ["x", "y"]);
      tx.smove("set", "moved", "a");
      tx.spop("expiring set", 3);
      tx.sunionStore("set", ["set", "moved", "large set"]);
    },
  },
  {
    what: "sorted sets",
    needs: "sortedSets",
    apply(tx) {
      tx.zremRangeByRank("large zset", 10, -10);
      tx.zadd("large zset", numbered(500, "x").map((member, i): [number, string] => [i, member]));
      tx.zincrBy("zset", 5, "a");
      tx.zpopMin("expiring zset", 3);
      tx.zunionStore("zset", ["large zset", "zset"]);
    },
  },
];
