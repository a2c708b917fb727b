import type { HashOps } from "@ferrite/storage";
import { inAnyOrder, sampleOf, scanStepOf } from "./judges.ts";
import { KeysModel, refuse } from "./keys_model.ts";
import type { Answers } from "./operations.ts";
import type { Judge, Plain } from "./plain.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** Hashes as maps. */
export class HashModel extends KeysModel<Map<string, string>> implements Answers<keyof HashOps> {
  constructor() {
    super({ type: "hash", create: () => new Map(), copy: (hash) => new Map(hash), size: (hash) => hash.size });
  }

  hget(key: string, field: string): string | null {
    return this.read(key).get(field) ?? null;
  }

  hset(key: string, field: string, value: string): boolean {
    return this.hmset(key, [[field, value]]) === 1;
  }

  hmset(key: string, entries: [string, string][]): number {
    return this.change(key, (hash) => {
      const before = hash.size;
      for (const [field, value] of entries) hash.set(field, value);
      return hash.size - before;
    });
  }

  hsetnx(key: string, field: string, value: string): boolean {
    return !this.hexists(key, field) && this.hset(key, field, value);
  }

  hdel(key: string, fields: string[]): number {
    return this.change(key, (hash) => fields.filter((field) => hash.delete(field)).length);
  }

  hgetall(key: string): Judge {
    return inAnyOrder([...this.read(key)]);
  }

  hkeys(key: string): Judge {
    return inAnyOrder([...this.read(key).keys()]);
  }

  hvals(key: string): Judge {
    return inAnyOrder([...this.read(key).values()]);
  }

  hlen(key: string): number {
    return this.read(key).size;
  }

  hexists(key: string, field: string): boolean {
    return this.read(key).has(field);
  }

  hmget(key: string, fields: string[]): (string | null)[] {
    return fields.map((field) => this.hget(key, field));
  }

  hincrBy(key: string, field: string, delta: number | bigint = 1): number | bigint {
    const old = this.hget(key, field) ?? "0";
    if (!/^(0|-?[1-9]\d{0,18})$/.test(old) || !isInt64(BigInt(old))) refuse("NOT_INTEGER");
    const sum = BigInt(old) + BigInt(delta);
    if (!isInt64(sum)) refuse("OUT_OF_RANGE");
    if (typeof delta === "number" && !Number.isSafeInteger(Number(sum))) refuse("OUT_OF_RANGE");
    this.hset(key, field, String(sum));
    return typeof delta === "number" ? Number(sum) : sum;
  }

  hincrByFloat(key: string, field: string, delta: number): number {
    const old = this.hget(key, field) ?? "0";
    if (!/^-?\d+(\.\d+)?(e\d+)?$/.test(old)) refuse("NOT_FLOAT");
    const sum = Number(old) + delta;
    this.hset(key, field, String(sum));
    return sum;
  }

  hstrlen(key: string, field: string): number {
    return this.hget(key, field)?.length ?? 0;
  }

  hscan(key: string, options: Plain): Judge {
    return scanStepOf("entries", [...this.read(key)], options);
  }

  hrandField(key: string, count?: number): Judge {
    return sampleOf([...this.read(key).keys()], count);
  }

  hrandFieldWithValues(key: string, count?: number): Judge {
    return sampleOf([...this.read(key)], count);
  }
}

function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}
