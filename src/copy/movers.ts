import { sameBytes } from "../bytes.ts";
import type { CollectionOps } from "../collections.ts";
import type {
  Bytes,
  CallOptions,
  Capabilities,
  Key,
  StorageEngine,
  Transaction,
  TransactionOps,
  ValueType,
} from "../engine.ts";

/** A store. What it cannot do is not asked of it. */
export type Store = StorageEngine & CollectionOps & TransactionOps;

/** About so many bytes are moved at a time. */
export const PART_BYTES: number = 256 * 1024;

/** Where a part of a value begins: an offset, a position, or the cursor of a scan. */
export type Place = number | string | null;

/** How values of one type are read and written in parts of some elements. The parts of a string have one, with bytes of it. */
export interface Mover<E> {
  /** What a store must be able to do; `null` for what every store can. */
  readonly capability: keyof Capabilities | null;
  /** About `count` elements from `place` on, and where the next part begins, `null` at the end. */
  read(store: Store, key: Key, place: Place, count: number, options: CallOptions): Promise<{ part: E[]; next: Place }>;
  /** Adds a part to what a key holds. */
  add(store: Store | Transaction, key: Key, part: E[], options: CallOptions): unknown;
  /** How many elements there are; of a string, bytes. */
  size(store: Store, key: Key, options: CallOptions): Promise<number>;
  /** Whether a key holds the elements of a part, which began at `place`, and holds them there if they have an order. */
  has(store: Store, key: Key, part: E[], place: Place, options: CallOptions): Promise<boolean>;
  /** The bytes of an element. */
  bytesOf(element: E): number;
}

const string: Mover<Bytes> = {
  capability: null,
  async read(store, key, place, _count, options) {
    const from = (place ?? 0) as number;
    const bytes = await store.getRange(key, from, from + PART_BYTES - 1, options);
    return { part: [bytes], next: bytes.length < PART_BYTES ? null : from + PART_BYTES };
  },
  add: (store, key, [bytes], options) => store.append(key, bytes, options),
  size: (store, key, options) => store.strlen(key, options),
  async has(store, key, [bytes], place, options) {
    const from = (place ?? 0) as number;
    return sameBytes(await store.getRange(key, from, from + bytes.length - 1, options), bytes);
  },
  bytesOf: (bytes) => bytes.length,
};

const list: Mover<Bytes> = {
  capability: "lists",
  async read(store, key, place, count, options) {
    const from = (place ?? 0) as number;
    const part = await store.lrange(key, from, from + count - 1, options);
    return { part, next: part.length < count ? null : from + count };
  },
  add: (store, key, part, options) => store.rpush(key, part, options),
  size: (store, key, options) => store.llen(key, options),
  async has(store, key, part, place, options) {
    const from = (place ?? 0) as number;
    const found = await store.lrange(key, from, from + part.length - 1, options);
    return found.length === part.length && found.every((value, i) => sameBytes(value, part[i]));
  },
  bytesOf: (value) => value.length,
};

const hash: Mover<[Bytes, Bytes]> = {
  capability: "hashes",
  async read(store, key, place, count, options) {
    const { cursor, entries } = await store.hscan(key, { ...options, cursor: place as string | null, count });
    return { part: entries, next: cursor };
  },
  add: (store, key, part, options) => store.hmset(key, part, options),
  size: (store, key, options) => store.hlen(key, options),
  async has(store, key, part, _place, options) {
    const values = await store.hmget(key, part.map(([field]) => field), options);
    return part.every(([, value], i) => values[i] !== null && sameBytes(values[i], value));
  },
  bytesOf: ([field, value]) => field.length + value.length,
};

const set: Mover<Bytes> = {
  capability: "sets",
  async read(store, key, place, count, options) {
    const { cursor, members } = await store.sscan(key, { ...options, cursor: place as string | null, count });
    return { part: members, next: cursor };
  },
  add: (store, key, part, options) => store.sadd(key, part, options),
  size: (store, key, options) => store.scard(key, options),
  has: async (store, key, part, _place, options) => !(await store.smisMember(key, part, options)).includes(false),
  bytesOf: (member) => member.length,
};

const zset: Mover<[Bytes, number]> = {
  capability: "sortedSets",
  async read(store, key, place, count, options) {
    const { cursor, entries } = await store.zscan(key, { ...options, cursor: place as string | null, count });
    return { part: entries, next: cursor };
  },
  add: (store, key, part, options) =>
    store.zadd(key, part.map(([member, score]): [number, Bytes] => [score, member]), options),
  size: (store, key, options) => store.zcard(key, options),
  async has(store, key, part, _place, options) {
    const scores = await store.zmscore(key, part.map(([member]) => member), options);
    return part.every(([, score], i) => scores[i] === score);
  },
  bytesOf: ([member]) => member.length + 8,
};

/** How each type is moved. */
export const MOVERS: Readonly<Record<ValueType, Mover<unknown>>> = { string, list, hash, set, zset } as Record<
  ValueType,
  Mover<never>
> as Record<ValueType, Mover<unknown>>;
