import { MemoryStore } from "../../../mod.ts";
import type { CollectionContender } from "./contender.ts";

export function openFerrite(): CollectionContender {
  const store = new MemoryStore({ maxSize: "2GB" });
  const { sync } = store;
  return {
    faces: [
      {
        label: "ferrite",
        isAsync: false,
        rpush: (key, value) => sync.rpush(key, [value]),
        lpush: (key, value) => sync.lpush(key, [value]),
        rpop: (key) => sync.rpop(key)[0],
        lindex: (key, position) => sync.lindex(key, position),
        lset: (key, position, value) => sync.lset(key, position, value),
        linsertAt: (key, position, value) => sync.linsertAt(key, position, value),
        truncate: (key, length) => sync.ltrim(key, 0, length - 1),
        hset: (key, field, value) => sync.hset(key, field, value),
        hget: (key, field) => sync.hget(key, field),
        sadd: (key, member) => sync.sadd(key, [member]),
        sismember: (key, member) => sync.sisMember(key, member),
        zadd: (key, score, member) => sync.zadd(key, [[score, member]]),
        zscore: (key, member) => sync.zscore(key, member),
        zrank: (key, member) => sync.zrank(key, member),
        zrange: (key, start, stop) => sync.zrange(key, start, stop),
        zincrBy: (key, increment, member) => sync.zincrBy(key, increment, member),
        llen: (key) => sync.llen(key),
        hlen: (key) => sync.hlen(key),
        scard: (key) => sync.scard(key),
        zcard: (key) => sync.zcard(key),
      },
      {
        label: "ferrite",
        isAsync: true,
        inFlight: () => 1,
        rpush: (key, value) => store.rpush(key, [value]),
        lpush: (key, value) => store.lpush(key, [value]),
        rpop: async (key) => (await store.rpop(key))[0],
        lindex: (key, position) => store.lindex(key, position),
        lset: (key, position, value) => store.lset(key, position, value),
        linsertAt: (key, position, value) => store.linsertAt(key, position, value),
        truncate: (key, length) => store.ltrim(key, 0, length - 1),
        hset: (key, field, value) => store.hset(key, field, value),
        hget: (key, field) => store.hget(key, field),
        sadd: (key, member) => store.sadd(key, [member]),
        sismember: (key, member) => store.sisMember(key, member),
        zadd: (key, score, member) => store.zadd(key, [[score, member]]),
        zscore: (key, member) => store.zscore(key, member),
        zrank: (key, member) => store.zrank(key, member),
        zrange: (key, start, stop) => store.zrange(key, start, stop),
        zincrBy: (key, increment, member) => store.zincrBy(key, increment, member),
        llen: (key) => store.llen(key),
        hlen: (key) => store.hlen(key),
        scard: (key) => store.scard(key),
        zcard: (key) => store.zcard(key),
      },
    ],
    weigh(_keys, empty) {
      const { liveBytes, indexBytes, memoryBytes } = store.stats();
      return {
        bytes: liveBytes + indexBytes,
        indexBytes,
        heldBytes: memoryBytes - (empty?.heldBytes ?? 0),
      };
    },
    clear: () => store.clear(),
    close: () => store.close(),
  };
}
