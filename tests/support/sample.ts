import { pattern } from "./bytes.ts";
import { type AnyStore, FAR_FUTURE } from "./writers.ts";

// Something of everything, under keys that begin with a name. The stages come one after another, each perhaps by another process:
// those after the first change and remove what was written before.

export const SAMPLE_STAGES: readonly ((store: AnyStore, name: string) => Promise<void>)[] = [write, change, remove];

async function write(store: AnyStore, name: string): Promise<void> {
  const ttl = FAR_FUTURE - Date.now();
  await store.mset([[`${name}:text`, "hello"], [`${name}:empty`, ""], [`${name}:bytes`, pattern(256)]]);
  await store.set(`${name}:unicode ✓ ключ`, "значение");
  await store.set(`${name}:${"long key ".repeat(100)}`, "v");
  await store.set(`${name}:large`, pattern(40_000));
  await store.set(`${name}:expires in 2100`, "v", { ttl });
  await store.incrBy(`${name}:counter`, 9_007_199_254_740_993n);
  for (let i = 0; i < 40; i++) await store.set(`${name}:removed later ${i}`, pattern(i));

  await store.rpush(`${name}:list`, range(300).map((i) => `element ${i}`));
  await store.hmset(`${name}:hash`, range(200).map((i) => [`field ${i}`, `value ${i}`]));
  await store.hmset(`${name}:hash`, [["large", pattern(5000)], ["larger", pattern(6000)], ["huge", pattern(70_000)]]);
  await store.expire(`${name}:hash`, ttl);
  await store.sadd(`${name}:set`, range(200).map((i) => `member ${i}`));
  await store.zadd(`${name}:zset`, range(200).map((i) => [i * 37 % 200 / 2, `member ${i}`]));
  await store.zadd(`${name}:small zset`, [[-Infinity, "first"], [0, "zero"], [1e300, "last"]]);
}

async function change(store: AnyStore, name: string): Promise<void> {
  await store.append(`${name}:text`, ", world");
  await store.set(`${name}:bytes`, pattern(100, 2));
  await store.setRange(`${name}:large`, 20_000, "overwritten in the middle");
  await store.incrBy(`${name}:counter`, -3n);
  await store.ltrim(`${name}:list`, 10, -11);
  await store.linsertAt(`${name}:list`, 100, "inserted");
  await store.hset(`${name}:hash`, "field 7", "changed");
  await store.smove(`${name}:set`, `${name}:other set`, "member 5");
  await store.zincrBy(`${name}:zset`, 1000, "member 6");
  await store.transact((tx) => {
    for (let i = 0; i < 20; i++) tx.del(`${name}:removed later ${i}`);
    tx.set(`${name}:removed`, "in one go");
  });
}

async function remove(store: AnyStore, name: string): Promise<void> {
  for (let i = 20; i < 40; i++) await store.del(`${name}:removed later ${i}`);
  await store.del(`${name}:small zset`);
  await store.set(`${name}:removed later 3`, "and here again");
  await store.persist(`${name}:expires in 2100`);
  await store.expire(`${name}:text`, FAR_FUTURE - Date.now());
  await store.rename(`${name}:list`, `${name}:renamed list`);
  await store.hdel(`${name}:hash`, ["large", "field 1"]);
  await store.zremRangeByRank(`${name}:zset`, 50, 99);
  await store.copy(`${name}:large`, `${name}:copy of large`);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
