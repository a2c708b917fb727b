import type { Value } from "@ferrite/storage";
import { pattern } from "../bytes.ts";
import type { Random } from "../random.ts";
import { CHAINS, NODE_MATES } from "./chain_mates.ts";
import type { Call, Deed } from "./deeds.ts";

const PLAIN_KEYS = Array.from({ length: 20 }, (_, i) => `key:${i}`);
/** Keys that share chains among themselves, or with nodes. */
export const MATES: readonly string[] = [...CHAINS.flat(), ...NODE_MATES.map(([key]) => key)];
export const KEYS: readonly string[] = [...PLAIN_KEYS, ...MATES];
/** Each key belongs to one of the types, in turn. */
const TYPES = 5;
const COUNTERS = ["n:0", "n:1", "n:2"];
/** Some end during a run, some while the store is closed, some fall into each stretch that live bytes are counted by. */
const TTLS_MS = [30, 300, 5000, 300_000, 3_000_000, 50_000_000, 500_000_000, 50_000_000_000];
const LENGTHS = [0, 1, 8, 20, 20, 33, 100, 300, 1500];
/** Around what makes a value one of many records. */
const LONG_LENGTHS = [4000, 9000, 16_352, 16_353, 20_000, 32_704, 50_000];
const HUGE_LENGTHS = [100_000, 150_000, 250_000];

/** How much is written at a time: `"light"` keeps a log within a few pages, `"heavy"` fills several segments. */
export type Weight = "light" | "heavy";

/** Something random to do with one of few keys. No two of the values that are written are the same. */
export class DeedSource {
  readonly #random: Random;
  readonly #weight: Weight;
  readonly #keys: readonly string[];
  #stamp = 0;

  constructor(random: Random, weight: Weight, keys: readonly string[]) {
    this.#random = random;
    this.#weight = weight;
    this.#keys = keys;
  }

  draw(): Deed {
    const random = this.#random;
    if (random.below(200) === 0) return { calls: [{ method: "clear", args: [] }], transaction: "none" };
    if (random.below(8) !== 0) return { calls: [this.#call()], transaction: "none" };
    const calls = Array.from({ length: 1 + random.below(6) }, () => this.#call());
    return { calls, transaction: random.below(4) === 0 ? "throws" : "ends" };
  }

  #call(): Call {
    switch (this.#random.below(12)) {
      case 0:
      case 1:
      case 2:
        return this.#onString();
      case 3:
        return this.#bulk();
      case 4:
      case 5:
        return this.#onList();
      case 6:
      case 7:
        return this.#onHash();
      case 8:
        return this.#onSet();
      case 9:
        return this.#onSortedSet();
      default:
        return this.#onKey();
    }
  }

  #onString(): Call {
    const random = this.#random;
    const key = this.#key(0);
    switch (random.below(9)) {
      case 0:
      case 1:
        return call("set", key, this.#value(), this.#mayExpire());
      case 2:
        return call("set", key, this.#value(), { [random.pick(["ifAbsent", "ifPresent", "keepTtl"])]: true });
      case 3:
        return call("set", key, this.#longValue(), this.#mayExpire());
      case 4:
        return call("append", key, this.#value());
      case 5:
        return call("setRange", key, random.below(40_000), this.#value());
      case 6:
        return call("incrBy", random.pick(COUNTERS), random.below(2000) - 1000);
      case 7: {
        const value = this.#value();
        return call("update", key, (old: Uint8Array | null) => old !== null && old.length % 5 === 0 ? null : value);
      }
      default:
        return call("mset", this.#many(6, () => [this.#key(0), this.#value()]), this.#mayExpire());
    }
  }

  /** Much at once. */
  #bulk(): Call {
    const random = this.#random;
    if (this.#weight === "light") return call("set", this.#key(0), this.#longValue());
    if (random.below(2) === 0) return call("set", this.#key(0), this.#bytes(random.pick(HUGE_LENGTHS)));
    return call("mset", this.#many(20, () => [this.#key(0), this.#longValue()]));
  }

  #onList(): Call {
    const random = this.#random;
    const key = this.#key(1);
    switch (random.below(9)) {
      case 0:
      case 1:
        return call("rpush", key, this.#many(40, () => this.#element()));
      case 2:
        return call("lpush", key, this.#many(40, () => this.#element()));
      case 3:
        return call(random.pick(["lpop", "rpop"]), key, 1 + random.below(40));
      case 4:
        return call("lset", key, random.below(60) - 30, this.#element());
      case 5:
        return call("linsert", key, random.pick(["before", "after"]), this.#name(), this.#element());
      case 6:
        return call("lrem", key, random.below(5) - 2, this.#name());
      case 7:
        return call("ltrim", key, random.below(10), 20 + random.below(200));
      default:
        return call("lmove", key, this.#key(1), random.pick(["left", "right"]), random.pick(["left", "right"]));
    }
  }

  #onHash(): Call {
    const random = this.#random;
    const key = this.#key(2);
    switch (random.below(6)) {
      case 0:
        return call("hset", key, this.#name(), this.#element());
      case 1:
      case 2:
        return call("hmset", key, this.#many(60, () => [this.#name(), this.#element()]));
      case 3:
        return call("hdel", key, this.#many(40, () => this.#name()));
      case 4:
        return call("hincrBy", key, random.pick(COUNTERS), random.below(100));
      default:
        return call("hsetnx", key, this.#name(), this.#element());
    }
  }

  #onSet(): Call {
    const random = this.#random;
    const key = this.#key(3);
    switch (random.below(6)) {
      case 0:
      case 1:
        return call("sadd", key, this.#many(60, () => this.#name()));
      case 2:
        return call("sadd", key, [this.#bytes(random.below(20) === 0 ? 60_000 : 481 + random.below(3000))]);
      case 3:
        return call("srem", key, this.#many(40, () => this.#name()));
      case 4:
        return call("smove", key, this.#key(3), this.#name());
      default:
        return call(random.pick(["sunionStore", "sinterStore", "sdiffStore"]), key, [this.#key(3), this.#key(3)]);
    }
  }

  #onSortedSet(): Call {
    const random = this.#random;
    const key = this.#key(4);
    switch (random.below(7)) {
      case 0:
      case 1:
      case 2:
        return call("zadd", key, this.#many(60, () => [random.below(1000) / 4, this.#name()]));
      case 3:
        return call("zrem", key, this.#many(40, () => this.#name()));
      case 4:
        return call("zincrBy", key, random.below(100) - 50, this.#name());
      case 5:
        return call("zremRangeByRank", key, random.below(20), random.below(40));
      default:
        return call("zunionStore", key, [this.#key(4), this.#key(4)]);
    }
  }

  #onKey(): Call {
    const random = this.#random;
    const key = random.pick(this.#keys);
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return call("del", key);
      case 4:
        return call("rename", key, random.pick(this.#keys));
      case 5:
        return call("copy", key, random.pick(this.#keys), { replace: true });
      case 6:
        return call("persist", key);
      default:
        return call("expire", key, random.pick(TTLS_MS));
    }
  }

  /** A key that mostly holds the same type, and now and then not. */
  #key(type: number): string {
    const random = this.#random;
    if (random.below(12) === 0) return random.pick(this.#keys);
    const own = Math.ceil((this.#keys.length - type) / TYPES);
    return this.#keys[random.below(own) * TYPES + type];
  }

  #mayExpire(): { ttl: number } | undefined {
    return this.#random.below(4) === 0 ? { ttl: this.#random.pick(TTLS_MS) } : undefined;
  }

  #bytes(length: number): Uint8Array {
    return pattern(length, ++this.#stamp);
  }

  #value(): Uint8Array {
    return this.#bytes(this.#random.pick(LENGTHS));
  }

  #longValue(): Uint8Array {
    return this.#bytes(this.#random.pick(LONG_LENGTHS));
  }

  /** One of few short strings. */
  #name(): string {
    return `m${this.#random.below(150)}`;
  }

  /** Mostly short; some are records of their own, and some of those many. */
  #element(): Value {
    const random = this.#random;
    if (random.below(10) !== 0) return `${this.#name()} ${++this.#stamp}`;
    return this.#bytes(random.below(40) === 0 ? 70_000 : 481 + random.below(3000));
  }

  #many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.#random.below(most) }, make);
  }
}

function call(method: string, ...args: unknown[]): Call {
  return { method, args };
}
