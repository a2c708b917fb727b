// Takes away what is of no use any more: parts that a writer has left behind when it crashed, keys that have expired, and the marks of keys
// that were deleted long ago.

import { type Bucket, MAX_CONFLICTS } from "./bucket.ts";
import type { Catalog } from "./catalog.ts";
import { encodeAgain, encodeTombstone, isOurs, readTag, type Root, withWrite } from "./format.ts";
import { StorageError } from "../errors.ts";
import type { ListedObject, StoredObject } from "./object_storage.ts";

/** A part that is referred to is not there: others have changed the key meanwhile. */
class Changed extends Error {}

export class Cleaner {
  readonly #bucket: Bucket;
  readonly #catalog: Catalog;
  readonly #graceMs: number;

  constructor(bucket: Bucket, catalog: Catalog, graceMs: number) {
    this.#bucket = bucket;
    this.#catalog = catalog;
    this.#graceMs = graceMs;
  }

  /** Cleans the whole bucket. O(data): all parts are read. */
  async clean(): Promise<void> {
    const { conditionalDelete } = await this.#bucket.probe();
    for await (const objects of this.#catalog.listKeys()) {
      await Promise.all(objects.map((object) => this.#cleanKey(object, conditionalDelete)));
    }
    for await (const [objectName, ids] of this.#listParts()) await this.#cleanParts(objectName, ids);
  }

  /** Deletes a key that has expired, and the mark of one that was deleted so long ago that no write on its way can be older. */
  async #cleanKey({ name, size }: ListedObject, conditionalDelete: boolean): Promise<void> {
    const { requests, space } = this.#bucket;
    const { type, mayHaveExpired } = readTag(size);
    if (type !== null && !mayHaveExpired || type === null && !conditionalDelete) return;
    const object = await this.#bucket.requests.get(name);
    if (object === null || !isOurs(object.body)) return;
    const root = this.#bucket.decode(object, name);
    if (root.stored !== null) {
      if (space.liveKey(root.stored.records, name) === null) await this.#catalog.remove(name, object);
    } else if (root.writtenAt < Date.now() - this.#graceMs) {
      await requests.delete(name, { ifVersion: object.version });
    }
  }

  /** The parts that are there, by the name of the object of their key. Names are listed in order, so those of a key come together. */
  async *#listParts(): AsyncIterableIterator<[string, string[]]> {
    const { names, requests } = this.#bucket;
    let objectName = "";
    let ids: string[] = [];
    for await (const objects of requests.listAll(names.partPrefix)) {
      for (const { name } of objects) {
        const part = names.parsePart(name);
        if (part === null) continue;
        if (part.objectName !== objectName) {
          if (ids.length > 0) yield [objectName, ids];
          objectName = part.objectName;
          ids = [];
        }
        ids.push(part.id);
      }
    }
    if (ids.length > 0) yield [objectName, ids];
  }

  /**
   * Deletes those of the parts that the object of their key does not refer to. Before that the object is written once more as it is: a
   * writer that has put them there and is about to write an object that refers to them finds that another came first.
   */
  async #cleanParts(objectName: string, ids: string[]): Promise<void> {
    const { names, requests } = this.#bucket;
    for (let i = 0; i < MAX_CONFLICTS; i++) {
      const object = await this.#bucket.requests.get(objectName);
      const orphans = await this.#orphansAmong(ids, objectName, object);
      if (orphans === null) continue;
      if (orphans.length === 0) return;
      if (!await this.#fence(objectName, object)) continue;
      await Promise.all(orphans.map((id) => requests.delete(names.partOf(objectName, id), null)));
      return;
    }
    throw new StorageError("CONFLICT", `Cannot compact: others have written to a key ${MAX_CONFLICTS} times meanwhile`);
  }

  /** Those parts that nothing refers to; `null` when the key was changed while that was found out. */
  async #orphansAmong(ids: string[], objectName: string, object: StoredObject | null): Promise<string[] | null> {
    const root = object === null ? null : this.#bucket.decode(object, objectName);
    const reached = new Set<string>();
    try {
      await this.#reach(objectName, root, reached);
    } catch (error) {
      if (error instanceof Changed) return null;
      throw error;
    }
    return ids.filter((id) => !reached.has(id));
  }

  async #reach(objectName: string, root: Root | null, reached: Set<string>): Promise<void> {
    await Promise.all((root?.stored?.externals.flat() ?? []).map(async ({ id }) => {
      reached.add(id);
      const name = this.#bucket.names.partOf(objectName, id);
      const part = await this.#bucket.requests.get(name);
      if (part === null) throw new Changed();
      await this.#reach(objectName, this.#bucket.decode(part, name), reached);
    }));
  }

  /** Writes an object once more, or the mark of a deleted key where there is none; false when others came first. */
  async #fence(objectName: string, object: StoredObject | null): Promise<boolean> {
    const { names, requests, space, upkeepIds } = this.#bucket;
    const id = upkeepIds.next();
    const key = names.keyOf(objectName) ?? new Uint8Array(0);
    const root = object === null ? null : this.#bucket.decode(object, objectName);
    const body = root === null
      ? encodeTombstone(space.core, [id], key)
      : encodeAgain(space.core, withWrite(root.writers, id), root);
    const condition = object === null ? { ifAbsent: true } as const : { ifVersion: object.version };
    const written = await requests.put(objectName, body, condition);
    if ("isUnanswered" in written) throw written.error;
    return written.version !== null;
  }
}
