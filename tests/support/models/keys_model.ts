import { StorageError, type StorageErrorCode } from "@ferrite/storage";
import type { KeyMethod } from "./face.ts";
import type { Answers } from "./operations.ts";
import { brief, type Judge } from "./plain.ts";

/** What the collections of a model are. */
export interface Kind<T> {
  readonly type: string;
  create(): T;
  copy(value: T): T;
  size(value: T): number;
}

/** Keys with collections of one type. Expiries are so far away that only their being there is known. */
export class KeysModel<T> implements Answers<KeyMethod> {
  readonly values: Map<string, T> = new Map();
  readonly expiring: Set<string> = new Set();
  readonly #kind: Kind<T>;

  constructor(kind: Kind<T>) {
    this.#kind = kind;
  }

  /** What a key holds: nothing is the same as an empty collection. Not for changes. */
  read(key: string): T {
    return this.values.get(key) ?? this.#kind.create();
  }

  /** Changes what a key holds. What becomes empty disappears. */
  change<R>(key: string, change: (value: T) => R): R {
    const value = this.read(key);
    try {
      return change(value);
    } finally {
      if (this.#kind.size(value) > 0) this.values.set(key, value);
      else this.del(key);
    }
  }

  /** Writes over whatever a key holds. Returns the size. */
  replace(key: string, value: T): number {
    this.del(key);
    if (this.#kind.size(value) > 0) this.values.set(key, value);
    return this.#kind.size(value);
  }

  /** What there is now, for `restore`. */
  saved(): [Map<string, T>, Set<string>] {
    const copies = Array.from(this.values, ([key, value]): [string, T] => [key, this.#kind.copy(value)]);
    return [new Map(copies), new Set(this.expiring)];
  }

  restore([values, expiring]: [Map<string, T>, Set<string>]): void {
    this.values.clear();
    this.expiring.clear();
    for (const [key, value] of values) this.values.set(key, value);
    for (const key of expiring) this.expiring.add(key);
  }

  del(key: string): boolean {
    this.expiring.delete(key);
    return this.values.delete(key);
  }

  exists(key: string): boolean {
    return this.values.has(key);
  }

  type(key: string): string | null {
    return this.values.has(key) ? this.#kind.type : null;
  }

  copy(source: string, destination: string, options: { replace?: boolean } = {}): boolean {
    const value = this.values.get(source);
    if (value === undefined || this.values.has(destination) && options.replace !== true) return false;
    this.replace(destination, this.#kind.copy(value));
    if (this.expiring.has(source)) this.expiring.add(destination);
    return true;
  }

  rename(source: string, destination: string, options: { ifAbsent?: boolean } = {}): boolean {
    const value = this.values.get(source);
    if (value === undefined || this.values.has(destination) && options.ifAbsent === true) return false;
    const isExpiring = this.expiring.has(source);
    this.del(source);
    this.replace(destination, value);
    if (isExpiring) this.expiring.add(destination);
    return true;
  }

  expire(key: string, _ttl: number): boolean {
    if (this.values.has(key)) this.expiring.add(key);
    return this.values.has(key);
  }

  persist(key: string): boolean {
    return this.expiring.delete(key);
  }

  ttl(key: string): number | null | Judge {
    if (!this.values.has(key)) return null;
    if (!this.expiring.has(key)) return Infinity;
    return (actual) => {
      if (typeof actual !== "number" || actual === Infinity) throw new Error(`ttl is ${brief(actual)}`);
    };
  }
}

/** What a model answers where the store must refuse. */
export function refuse(code: StorageErrorCode): never {
  throw new StorageError(code, "the model expects this");
}

/** An array index from one that counts from the end where it is negative; it may lie outside. */
export function fromEnd(index: number, length: number): number {
  return index < 0 ? length + index : index;
}

/** The items from `start` to `stop`, both included, as Redis counts. */
export function span<I>(items: readonly I[], start: number, stop: number): I[] {
  const first = Math.max(fromEnd(start, items.length), 0);
  const last = fromEnd(stop, items.length);
  return last < first ? [] : items.slice(first, last + 1);
}
