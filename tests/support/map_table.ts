import type { RecordChange, RecordTable } from "@ferrite/storage/kernel";

const nameOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytesOf = (name: string) => Uint8Array.from(name, (character) => character.charCodeAt(0));

/** A table in a map, which outlives the stores over it. */
export class MapTable implements RecordTable {
  readonly isSync: boolean;
  readonly rows: Map<string, Uint8Array> = new Map();
  /** How often each method was called. */
  readonly counts = { read: 0, write: 0, list: 0, clear: 0, close: 0 };
  /** Called before each call takes place; may throw. */
  before: (method: keyof MapTable["counts"]) => void = () => {};
  #names: string[] | null = null;

  constructor(isSync: boolean) {
    this.isSync = isSync;
  }

  read(names: readonly Uint8Array[]): (Uint8Array | null)[] | Promise<(Uint8Array | null)[]> {
    return this.#do("read", () => names.map((name) => this.rows.get(nameOf(name))?.slice() ?? null));
  }

  write(changes: readonly RecordChange[]): void | Promise<void> {
    return this.#do("write", () => {
      for (const [name, record] of changes) {
        if (record === null) this.rows.delete(nameOf(name));
        else this.rows.set(nameOf(name), record.slice());
      }
      this.#names = null;
    });
  }

  list(prefix: Uint8Array, after: Uint8Array | null, count: number): Uint8Array[] | Promise<Uint8Array[]> {
    return this.#do("list", () => {
      const start = nameOf(prefix);
      const behind = after === null ? "" : nameOf(after);
      this.#names ??= [...this.rows.keys()].sort((a, b) => a < b ? -1 : 1);
      return this.#names.filter((name) => name.startsWith(start) && name > behind).slice(0, count).map(bytesOf);
    });
  }

  clear(): void | Promise<void> {
    return this.#do("clear", () => {
      this.rows.clear();
      this.#names = null;
    });
  }

  close(): void | Promise<void> {
    return this.#do("close", () => {});
  }

  #do<T>(method: keyof MapTable["counts"], task: () => T): T | Promise<T> {
    const run = () => {
      this.counts[method]++;
      this.before(method);
      return task();
    };
    return this.isSync ? run() : Promise.resolve().then(run);
  }
}
