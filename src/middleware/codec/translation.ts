import { isIterable, isThenable } from "../../arguments.ts";
import type { HashScanResult, SetScanResult, SortedSetScanResult } from "../../collections.ts";
import type { Bytes, CallOptions, Key, ScanResult } from "../../engine.ts";
import { describe, StorageError } from "../../errors.ts";
import { isKey } from "../keys_of.ts";
import { type Gives, type Role, SHAPES } from "../shapes.ts";
import type { Call, Interceptor } from "../wrap.ts";
import type { Codec } from "./codec.ts";

/** What becomes of keys and fields that a store gives. */
export type Naming = (name: Bytes) => unknown;

/** Has methods take and give values through a codec, and give keys and fields as `naming` has them. */
export function translating<T>(codec: Codec<T>, naming: Naming): Interceptor {
  const { takes: encoders, gives: decoders } = new Translation(codec, naming);
  return ({ name, face, kind }, call, target) => {
    const { takes, gives } = SHAPES.get(name) ?? { takes: [], gives: "other" };
    const encode = takes.map((role) => encoders[role]);
    const decode = decoders[gives];
    const encoded: Call = encode.every((encode) => encode === undefined)
      ? call
      : (...args) =>
        call(...args.map((argument, i) => encode[i] === undefined ? argument : encode[i](argument, args[0])));
    if (gives === "key iterator") {
      return face === "store"
        ? (...args) => renameAll(encoded(...args) as AsyncIterable<Bytes>, naming)
        : (...args) => renameAllAtOnce(encoded(...args) as Iterable<Bytes>, naming);
    }
    if (decode === undefined) return encoded;
    if (kind === "write" && encoded === call && face !== "transaction" && "transact" in target) {
      return taking(target as { transact: Call }, name, decode);
    }
    return face === "store"
      ? async (...args) => decode(await encoded(...args) as never, args[0])
      : (...args) => decode(encoded(...args) as never, args[0]);
  };
}

/**
 * A method that takes something away and gives it, such as `lpop`: in a transaction, so that what turns out to have a wrong form is still
 * there. Where there are no transactions, or in one, it is gone.
 */
function taking(target: { transact: Call }, name: string, decode: (result: never, key: unknown) => unknown): Call {
  return (...args) => {
    const { signal } = (args.at(-1) as CallOptions | null | undefined) ?? {};
    const take = (transaction: unknown) => (transaction as Record<string, Call>)[name](...args);
    return target.transact((transaction: unknown) => decode(take(transaction) as never, args[0]), { signal });
  };
}

/** How arguments and results are translated, by what they are. What has a wrong form is left for the store to refuse. */
class Translation<T> {
  readonly takes: Partial<Record<Role, (argument: unknown, key: unknown) => unknown>> = {
    "value": (value, key) => this.#encode(value, key),
    "values": (values, key) => mapped(values, (value) => this.#encode(value, key)),
    "entries": (entries) =>
      isIterable(entries) ? mapped(Array.from(entries), (entry) => this.#second(entry, (entry as [Key])[0])) : entries,
    "fields with values": (entries, key) => mapped(entries, (entry) => this.#second(entry, key)),
    "scores with values": (entries, key) => mapped(entries, (entry) => this.#second(entry, key)),
    "change": (change, key) => typeof change === "function" ? this.#change(change as Call, key) : change,
  };

  readonly gives: Partial<Record<Gives, (result: never, key: unknown) => unknown>> = {
    "value": (bytes: Bytes | null, key) => this.#decode(bytes, key),
    "values": (values: (Bytes | null)[], key) =>
      values.map((bytes, i) => this.#decode(bytes, Array.isArray(key) ? key[i] : key)),
    "fields": (fields: Bytes[]) => fields.map(this.#naming),
    "fields with values": (entries: [Bytes, Bytes][], key) => this.#fields(entries, key),
    "values with scores": (entries: [Bytes, number][], key) => this.#scored(entries, key),
    "field scan": ({ cursor, entries }: HashScanResult, key) => ({ cursor, entries: this.#fields(entries, key) }),
    "value scan": ({ cursor, members }: SetScanResult, key) => ({
      cursor,
      members: members.map((member) => this.#decode(member, key)),
    }),
    "score scan": ({ cursor, entries }: SortedSetScanResult, key) => ({ cursor, entries: this.#scored(entries, key) }),
    "key scan": ({ cursor, keys }: ScanResult) => ({ cursor, keys: keys.map(this.#naming) }),
  };

  readonly #codec: Codec<T>;
  readonly #naming: Naming;

  constructor(codec: Codec<T>, naming: Naming) {
    this.#codec = codec;
    this.#naming = (name) => naming(name);
  }

  #encode(value: unknown, key: unknown): string | Uint8Array {
    try {
      return this.#codec.encode(value as T);
    } catch (error) {
      throw wrongType("write", key, error);
    }
  }

  #decode(bytes: Bytes | null, key: unknown): T | null {
    if (bytes === null) return null;
    try {
      return this.#codec.decode(bytes);
    } catch (error) {
      throw wrongType("read", key, error);
    }
  }

  /** A pair with its second part encoded. */
  #second(pair: unknown, key: unknown): unknown {
    return Array.isArray(pair) ? [pair[0], this.#encode(pair[1], key)] : pair;
  }

  #change(change: Call, key: unknown): Call {
    return (bytes) => {
      const value = change(this.#decode(bytes as Bytes | null, key));
      const isValue = value !== undefined && value !== null && !isThenable(value);
      return isValue ? this.#encode(value, key) : value;
    };
  }

  #fields(entries: [Bytes, Bytes][], key: unknown): [unknown, T | null][] {
    return entries.map(([field, value]) => [this.#naming(field), this.#decode(value, key)]);
  }

  #scored(entries: [Bytes, number][], key: unknown): [T | null, number][] {
    return entries.map(([member, score]) => [this.#decode(member, key), score]);
  }
}

async function* renameAll(keys: AsyncIterable<Bytes>, naming: Naming): AsyncGenerator {
  for await (const key of keys) yield naming(key);
}

function* renameAllAtOnce(keys: Iterable<Bytes>, naming: Naming): Generator {
  for (const key of keys) yield naming(key);
}

/** That something could not be written to a key, or what it holds not read. */
export function wrongType(action: string, key: unknown, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const name = typeof key === "string" ? ` ${describe(key)}` : isKey(key) ? ` of ${key.length} bytes` : "";
  return new StorageError("WRONG_TYPE", `Cannot ${action} key${name}: ${reason}`, { cause });
}

function mapped(items: unknown, map: (item: unknown) => unknown): unknown {
  return Array.isArray(items) ? items.map(map) : items;
}
