import { isIterable } from "../../arguments.ts";
import type {
  Bytes,
  CallOptions,
  Key,
  ReadOptions,
  SetOptions,
  StorageEngine,
  StorageStats,
  SyncStorageEngine,
  Value,
} from "../../engine.ts";
import { isKey, keysOf } from "../keys_of.ts";
import { SHAPES } from "../shapes.ts";
import type { Call, Operation } from "../wrap.ts";
import { Flights } from "./flights.ts";
import type { CachedValues } from "./values.ts";

type Face = Operation["face"];

/** What a call writes to its keys, and the expiry that they get. */
interface Written {
  readonly values: readonly Value[];
  readonly ttl: number | undefined;
}

/**
 * Answers reads from what is kept, keeps what they find, and forgets what is written. Nothing is kept of a key while a write to it is
 * under way: a read that comes after that goes to the store, and takes its place there.
 */
export class Cache {
  readonly #store: StorageEngine;
  readonly #values: CachedValues;
  readonly #maxStalenessMs: number;
  readonly #flights: Flights = new Flights();
  /** What the transaction writes to whose function runs; `null` while none does. */
  #touched: Key[] | null = null;

  constructor(store: StorageEngine, values: CachedValues, maxStalenessMs: number) {
    this.#store = store;
    this.#values = values;
    this.#maxStalenessMs = maxStalenessMs;
  }

  /** What takes the place of a method. */
  intercept({ name, face, kind }: Operation, call: Call): Call {
    if (face === "transaction") return kind === "read" ? call : this.#noting(name, call);
    const read = this.#reading(name, call);
    if (read !== undefined) return face === "store" ? laterUnlessAborted(read) : read;
    switch (name) {
      case "get":
        return face === "store" ? this.#getting(call) : this.#gettingAtOnce(call);
      case "mget":
        return face === "store" ? this.#mgetting(call) : this.#mgettingAtOnce(call);
      case "set":
        return this.#setting(face, call);
      case "mset":
        return this.#msetting(face, call);
      case "transact":
        return this.#transacting(call);
      case "stats":
        return () => this.#stats(call() as StorageStats);
      case "close":
        return (...args) => {
          void this.#values.close(); // at once, so that nothing is answered from here any more
          return call(...args);
        };
    }
    if (kind === "read" || kind === "upkeep") return call;
    return namesItsKeys(name) ? this.#writing(name, face, call) : this.#replacingAll(call);
  }

  /** Reads that look at what is kept, and keep nothing. */
  #reading(name: string, call: Call): Call | undefined {
    const reading = <T>(read: (kept: SyncStorageEngine, at: Key, args: unknown[]) => T, none: T | undefined): Call => {
      return (...args) => {
        const [key] = args as [Key];
        if (this.#flights.isWalled) return call(...args);
        return this.#values.derive(key, (kept, at) => read(kept, at, args), none) ?? call(...args);
      };
    };
    switch (name) {
      case "exists":
        return reading(() => true, false);
      case "strlen":
        return reading((kept, at) => kept.strlen(at), 0);
      case "getRange":
        return reading((kept, at, [, start, end]) => kept.getRange(at, start as number, end as number), undefined);
    }
  }

  #getting(call: Call): Call {
    const getOne = call as (key: Key, options?: ReadOptions) => Promise<Bytes | null>;
    const get = async (key: Key, options?: ReadOptions): Promise<Bytes | null> => {
      options?.signal?.throwIfAborted();
      if (this.#flights.isWalled || !isKey(key)) return await getOne(key, options);
      const known = this.#values.get(key, options);
      if (known !== undefined) return known;
      return (await this.#fill([key], async () => [await getOne(key, options)]))[0];
    };
    return get as Call;
  }

  #mgetting(call: Call): Call {
    const mget = async (keys: readonly Key[], options?: ReadOptions): Promise<(Bytes | null)[]> => {
      options?.signal?.throwIfAborted();
      const read = (keys: readonly Key[]) => call(keys, options) as Promise<(Bytes | null)[]>;
      if (this.#flights.isWalled || !areKeys(keys)) return await read(keys);
      const known = keys.map((key) => this.#values.get(key, options));
      const unknown = keys.filter((_, i) => known[i] === undefined);
      const found = unknown.length === 0 ? [] : await this.#fill(unknown, () => read(unknown));
      return merge(known, found);
    };
    return mget as Call;
  }

  /** Reads, and keeps what it finds, unless the keys are written to meanwhile. */
  async #fill(keys: readonly Key[], read: () => Promise<(Bytes | null)[]>): Promise<(Bytes | null)[]> {
    const startedAt = Date.now();
    const ends = keys.map((key) => this.#flights.read(key));
    let values: (Bytes | null)[] = [];
    let ttls: (number | null)[] = [];
    let isSure: boolean[];
    try {
      [values, ttls] = await Promise.all([read(), Promise.all(keys.map((key) => this.#store.ttl(key)))]);
    } finally {
      isSure = ends.map((end) => end());
    }
    keys.forEach((key, i) => {
      if (isSure[i]) this.#keep(key, values[i], ttls[i], startedAt);
    });
    return values;
  }

  #gettingAtOnce(call: Call): Call {
    const get = (key: Key, options?: ReadOptions): Bytes | null => {
      const known = this.#flights.isWalled ? undefined : this.#values.get(key, options);
      if (known !== undefined) return known;
      const startedAt = Date.now();
      const value = call(key, options) as Bytes | null;
      if (this.#flights.isQuiet(key)) this.#keep(key, value, this.#store.sync!.ttl(key), startedAt);
      return value;
    };
    return get as Call;
  }

  #mgettingAtOnce(call: Call): Call {
    const mget = (keys: readonly Key[], options?: ReadOptions): (Bytes | null)[] => {
      if (this.#flights.isWalled || !areKeys(keys)) return call(keys, options) as (Bytes | null)[];
      const known = keys.map((key) => this.#values.get(key, options));
      const unknown = keys.filter((_, i) => known[i] === undefined);
      const startedAt = Date.now();
      const found = unknown.length === 0 ? [] : call(unknown, options) as (Bytes | null)[];
      unknown.forEach((key, i) => {
        if (this.#flights.isQuiet(key)) this.#keep(key, found[i], this.#store.sync!.ttl(key), startedAt);
      });
      return merge(known, found);
    };
    return mget as Call;
  }

  /** Keeps what a key held at some moment after `startedAt`, with what was left of its time. */
  #keep(key: Key, value: Value | null, ttl: number | null, startedAt: number): void {
    if ((value === null) !== (ttl === null)) return; // it has come or gone in between
    const lifetime = Math.min(this.#maxStalenessMs, ttl ?? Infinity);
    this.#values.put(key, value, lifetime - (Date.now() - startedAt));
  }

  #setting(face: Face, call: Call): Call {
    return (...args) => {
      const [key, value, options] = args as [Key, Value, SetOptions | undefined];
      const written = options?.keepTtl === true ? null : { values: [value], ttl: options?.ttl };
      return this.#write(face, [key], () => call(...args), written);
    };
  }

  #msetting(face: Face, call: Call): Call {
    return (given, ...rest) => {
      // What is gone through here could not be gone through again.
      const entries = isIterable(given) ? [...given] as [Key, Value][] : [];
      const run = () => call(isIterable(given) ? entries : given, ...rest);
      const { ttl } = (rest[0] ?? {}) as SetOptions;
      const written = { values: entries.map((entry) => entry?.[1]), ttl };
      return this.#write(face, entries.map((entry) => entry?.[0]), run, written);
    };
  }

  #writing(name: string, face: Face, call: Call): Call {
    return (...args) => this.#write(face, keysOf(name, args), () => call(...args), null);
  }

  /** Writes, and keeps what was written, if that is known, with its expiry. */
  #write(face: Face, keys: readonly Key[], run: () => unknown, written: Written | null): unknown {
    const startedAt = Date.now();
    const keep = (i: number) => this.#keep(keys[i], written!.values[i], written!.ttl ?? Infinity, startedAt);
    if (face === "sync") return this.#writeAtOnce(keys, run, written === null ? null : keep);
    const ends = keys.map((key) => {
      if (!isKey(key)) return () => false;
      this.#values.forget(key);
      return this.#flights.write(key);
    });
    return following(run, (result) => {
      ends.forEach((end, i) => {
        if (end() && written !== null && result !== false) keep(i);
      });
    }, () => ends.forEach((end) => end()));
  }

  #writeAtOnce(keys: readonly Key[], run: () => unknown, keep: ((i: number) => void) | null): unknown {
    for (const key of keys) if (isKey(key)) this.#flights.touch(key);
    let isDone = false;
    try {
      const result = run();
      isDone = result !== false;
      return result;
    } finally {
      for (let i = 0; i < keys.length; i++) {
        if (keep !== null && isDone) keep(i);
        else this.#values.forget(keys[i]);
      }
    }
  }

  /** Writes to keys that nobody knows. */
  #replacingAll(call: Call): Call {
    return (...args) => {
      const end = this.#flights.wall();
      const forgetAll = () => {
        this.#values.forgetAll();
        end();
      };
      return following(() => call(...args), forgetAll, forgetAll);
    };
  }

  /** While a transaction waits for its turn, or for the disk, nobody knows what it will write to. */
  #transacting(call: Call): Call {
    return (change, ...rest) => {
      const end = this.#flights.wall();
      const touched: Key[] = [];
      const noting = (transaction: unknown) => {
        this.#touched = touched;
        try {
          return (change as Call)(transaction);
        } finally {
          this.#touched = null;
        }
      };
      const forget = () => {
        for (const key of touched) this.#values.forget(key);
        end();
      };
      return following(() => call(typeof change === "function" ? noting : change, ...rest), forget, forget);
    };
  }

  #noting(name: string, call: Call): Call {
    return (...args) => {
      if (name === "mset" && isIterable(args[0])) args[0] = [...args[0]];
      this.#touched?.push(...keysOf(name, args));
      return call(...args);
    };
  }

  #stats(stats: StorageStats): StorageStats {
    return { ...stats, hits: stats.hits + this.#values.hits, misses: stats.misses + this.#values.misses };
  }
}

/** The same as a promise, unless the signal in the options, which come last, says no. */
function laterUnlessAborted(read: Call): Call {
  return async (...args) => {
    (args.at(-1) as CallOptions | null | undefined)?.signal?.throwIfAborted();
    return await read(...args);
  };
}

/** Does something when a call has ended, before those who wait for it go on. */
function following(run: () => unknown, succeeded: (result: unknown) => void, failed: () => void): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    failed();
    throw error;
  }
  if (!(result instanceof Promise)) {
    succeeded(result);
    return result;
  }
  return result.then((value) => {
    succeeded(value);
    return value;
  }, (error) => {
    failed();
    throw error;
  });
}

/** Puts what was found in the place of what was not known. */
function merge(known: (Bytes | null | undefined)[], found: (Bytes | null)[]): (Bytes | null)[] {
  let next = 0;
  return known.map((value) => value === undefined ? found[next++] : value);
}

function namesItsKeys(operation: string): boolean {
  return SHAPES.get(operation)?.takes.some((role) => role === "key") ?? false;
}

function areKeys(keys: unknown): boolean {
  return Array.isArray(keys) && keys.every(isKey);
}
