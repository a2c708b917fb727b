import { pattern } from "../bytes.ts";
import type { Random } from "../random.ts";
import type { Call, Deed } from "./deeds.ts";
import { DeedSource, type Weight } from "./draw_deeds.ts";

/** A call as its method and arguments. */
type Drawn = [method: string, ...args: unknown[]];

/** Each key belongs to one of the types, in turn. */
const TYPES = 5;

/** What `DeedSource` draws, which writes, and everything else: reads, rarer writes, and calls that must be refused. */
export class CallSource {
  readonly #random: Random;
  readonly #deeds: DeedSource;
  readonly #keys: readonly string[];
  #stamp = 0;

  constructor(random: Random, weight: Weight, keys: readonly string[]) {
    this.#random = random;
    this.#deeds = new DeedSource(random, weight, keys);
    this.#keys = keys;
  }

  draw(): Deed {
    const random = this.#random;
    if (random.below(60) === 0) return { calls: [{ method: "clear", args: [] }], transaction: "none" };
    if (random.below(2) === 0) return this.#deeds.draw();
    if (random.below(10) !== 0) return { calls: [this.#call()], transaction: "none" };
    const calls = Array.from({ length: 1 + random.below(6) }, () => this.#call());
    return { calls, transaction: random.below(4) === 0 ? "throws" : "ends" };
  }

  #call(): Call {
    const random = this.#random;
    const groups = [this.#reads, this.#reads, this.#writes, this.#refused];
    const drawn = random.pick(random.pick(groups).call(this));
    const [method, ...args] = drawn;
    return { method, args };
  }

  #reads(): Drawn[] {
    const [text, list, hash, set, sorted] = this.#keysOfTypes();
    const any = this.#key(this.#random.below(TYPES));
    return [
      ["get", text],
      ["mget", [text, any, "absent", text]],
      ["getRange", text, 5, -3],
      ["strlen", text],
      ["exists", any],
      ["ttl", any],
      ["type", any],
      ["lrange", list, 0, -1],
      ["llen", list],
      ["lindex", list, -2],
      ["lpos", list, this.#name(), { count: 0 }],
      ["hget", hash, this.#name()],
      ["hgetall", hash],
      ["hkeys", hash],
      ["hmget", hash, [this.#name(), this.#name()]],
      ["hlen", hash],
      ["hstrlen", hash, this.#name()],
      ["smembers", set],
      ["scard", set],
      ["smisMember", set, [this.#name(), this.#name()]],
      ["sinter", [set, this.#key(3)]],
      ["sunion", [set, this.#key(3)]],
      ["sdiff", [set, this.#key(3)]],
      ["sinterCard", [set, this.#key(3)]],
      ["zrangeWithScores", sorted, 0, -1],
      ["zrangeByScore", sorted, 10, 200],
      ["zscore", sorted, this.#name()],
      ["zrank", sorted, this.#name()],
      ["zcount", sorted, 0, { exclusive: 100 }],
      ["zunionWithScores", [sorted, this.#key(4)]],
      ["zinterWithScores", [sorted, set]],
      ["zdiff", [sorted, this.#key(4)]],
    ];
  }

  #writes(): Drawn[] {
    const random = this.#random;
    const [text, list, hash, set, sorted] = this.#keysOfTypes();
    const any = this.#key(random.below(TYPES));
    return [
      ["lpushx", list, [this.#name()]],
      ["rpushx", list, [this.#name(), this.#value()]],
      ["linsertAt", list, 0, this.#value()],
      ["lmove", list, this.#key(1), "left", "right"],
      ["hincrByFloat", hash, this.#name(), 0.5],
      ["spop", set, 100_000],
      ["sinterStore", set, [set, this.#key(3)]],
      ["smove", set, this.#key(3), this.#name()],
      ["zrangeStore", sorted, this.#key(4), { by: "rank", start: 2, stop: -2 }],
      ["zrangeStore", sorted, this.#key(4), { by: "score", min: 0, max: 150 }],
      ["zinterStore", sorted, [sorted, this.#key(4)]],
      ["zdiffStore", sorted, [this.#key(4), sorted]],
      ["zpopMin", sorted, 2],
      ["zpopMax", sorted, 3],
      ["zremRangeByScore", sorted, 20, 30],
      ["rename", any, this.#key(random.below(TYPES)), { ifAbsent: true }],
      ["copy", any, this.#key(random.below(TYPES))],
      ["expire", any, 60_000, { when: random.pick(["persistent", "expiring", "later", "sooner"]) }],
      ["persist", any],
      ["update", text, (old: Uint8Array | null) => old === null ? "new" : old.length > 5000 ? null : undefined],
      ["append", any, this.#value()],
      ["incrBy", text, 3],
    ];
  }

  #refused(): Drawn[] {
    const [text, list, hash, set, sorted] = this.#keysOfTypes();
    return [
      ["get", 5],
      ["set", text, 5],
      ["set", null, "value"],
      ["set", text, "value", { ttl: 0 }],
      ["set", text, "value", { ifAbsent: true, ifPresent: true }],
      ["mget", text],
      ["mget", [text, 5]],
      ["mset", [[text, "value"], [5, "value"]]],
      ["del", undefined],
      ["rename", text, 5],
      ["copy", {}, text],
      ["expire", text, -1],
      ["incrBy", list, 1],
      ["incrBy", text, 0.5],
      ["setRange", text, -1, "value"],
      ["rpush", text, ["value"]],
      ["rpush", list, "value"],
      ["rpush", 5, ["value"]],
      ["lset", list, 1_000_000, "value"],
      ["lmove", list, 5, "left", "left"],
      ["hset", set, "field", "value"],
      ["hincrBy", hash, this.#name(), 1],
      ["sadd", sorted, ["member"]],
      ["sunion", [list, set]],
      ["zadd", hash, [[1, "member"]]],
      ["zadd", sorted, [[NaN, "member"]]],
      ["zrangeStore", sorted, list, { by: "rank", start: 0, stop: -1 }],
    ];
  }

  #keysOfTypes(): string[] {
    return Array.from({ length: TYPES }, (_, type) => this.#key(type));
  }

  /** A key that mostly holds the same type, and now and then not. */
  #key(type: number): string {
    const random = this.#random;
    if (random.below(12) === 0) return random.pick(this.#keys);
    const own = Math.ceil((this.#keys.length - type) / TYPES);
    return this.#keys[random.below(own) * TYPES + type];
  }

  #name(): string {
    return `m${this.#random.below(150)}`;
  }

  #value(): Uint8Array {
    return pattern(this.#random.below(400), ++this.#stamp);
  }
}
