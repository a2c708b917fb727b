import type { Bytes } from "../engine.ts";
import type {
  Condition,
  ListedObject,
  ListedObjects,
  ListOptions,
  ObjectStorage,
  ReadObjectOptions,
  RequestOptions,
  StoredObject,
} from "./object_storage.ts";

/**
 * A bucket in memory, for tests and examples. Stores that share it see each other's writes, as those that share a real one do.
 *
 * @example
 * ```ts
 * import { memoryObjects } from "@ferrite/storage/cloud";
 * import { assertEquals } from "@std/assert";
 *
 * const bucket = memoryObjects();
 * await bucket.put("a", new Uint8Array([1]), { ifAbsent: true });
 * assertEquals(await bucket.put("a", new Uint8Array([2]), { ifAbsent: true }), null); // there is one
 * assertEquals((await bucket.list("")).objects, [{ name: "a", size: 1 }]);
 * ```
 */
export function memoryObjects(): ObjectStorage {
  return new MemoryObjects();
}

class MemoryObjects implements ObjectStorage {
  readonly provider = "memory";
  readonly bucket = "in memory";
  readonly #objects = new Map<string, StoredObject>();
  /** All names in their order, when they were last asked for, and none has come or gone since. */
  #names: string[] | null = null;
  #versions = 0;

  async get(
    name: string,
    { unlessVersion, signal }: ReadObjectOptions = {},
  ): Promise<StoredObject | null | "unchanged"> {
    signal?.throwIfAborted();
    const object = this.#objects.get(name);
    if (object === undefined) return null;
    return object.version === unlessVersion ? "unchanged" : { ...object, body: object.body.slice() };
  }

  async put(
    name: string,
    body: Uint8Array,
    condition: Condition | null,
    { signal }: RequestOptions = {},
  ): Promise<string | null> {
    signal?.throwIfAborted();
    if (!this.#holds(name, condition)) return null;
    const version = String(++this.#versions);
    if (!this.#objects.has(name)) this.#names = null;
    this.#objects.set(name, { body: body.slice() as Bytes, version });
    return version;
  }

  async delete(name: string, condition: Condition | null, { signal }: RequestOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    if (!this.#holds(name, condition)) return false;
    if (this.#objects.delete(name)) this.#names = null;
    return true;
  }

  async list(prefix: string, { cursor, limit = 1000, signal }: ListOptions = {}): Promise<ListedObjects> {
    signal?.throwIfAborted();
    this.#names ??= [...this.#objects.keys()].sort();
    const objects: ListedObject[] = [];
    for (let i = this.#firstFrom(cursor ? cursor + "!" : prefix); this.#names[i]?.startsWith(prefix); i++) {
      if (objects.length === limit) return { objects, cursor: objects[limit - 1].name };
      objects.push({ name: this.#names[i], size: this.#objects.get(this.#names[i])!.body.length });
    }
    return { objects, cursor: null };
  }

  /** The index of the first name that is not before `start`. */
  #firstFrom(start: string): number {
    let low = 0;
    let high = this.#names!.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names![middle] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #holds(name: string, condition: Condition | null): boolean {
    const object = this.#objects.get(name);
    if (condition === null) return true;
    return "ifAbsent" in condition ? object === undefined : object?.version === condition.ifVersion;
  }
}
