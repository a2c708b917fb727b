// Takes away what is of no use any more: parts that a writer has left behind when it crashed, keys that have expired, and the marks of keys
// that were deleted long ago.

import type { Bucket } from "./bucket.ts";
import { MAX_CONFLICTS } from "./bucket.ts";
import type { Catalog } from "./catalog.ts";
import { decode, encodeAgain, encodeTombstone, isOurs, readTag, type Root, withWrite } from "./format.ts";
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
    const { limit, requests, space } = this.#bucket;
    const { type, mayHaveExpired } = readTag(size);
    if (type !== null && !mayHaveExpired || type === null && !conditionalDelete) return;
    const object = await this.#read(name);
    if (object === null || !isOurs(object.body)) return;
    const root = decode(space.core, object.body, name);
    if (root.stored !== null) {
      if (space.liveKey(root.stored.records, name) === null) await this.#catalog.remove(name, object);
    } else if (root.writtenAt < Date.now() - this.#graceMs) {
      await limit.run(() => requests.delete(name, { ifVersion: object.version }));
    }
  }

  /** The parts that are there, by the name of the object of their key. Names are listed in order, so those of a key come together. */
  async *#listParts(): AsyncIterableIterator<[string, string[]]> {
    const { names, requests } = this.#bucket;
    let objectName = "";
    let ids: string[] = [];
    let cursor: string | null = null;
    do {
      const list: Awaited<ReturnType<typeof requests.list>> = await requests.list(names.partPrefix, cursor, 1000);
      for (const { name } of list.objects) {
        const part = names.parsePart(name);
        if (part === null) continue;
        if (part.objectName !== objectName) {
          if (ids.length > 0) yield [objectName, ids];
          objectName = part.objectName;
          ids = [];
        }
        ids.push(part.id);
      }
      cursor = list.cursor;
    } while (cursor !== null);
    if (ids.length > 0) yield [objectName, ids];
  }

  /**
   * Deletes those of the parts that the object of their key does not refer to. Before that the object is written once more as it is: a
   * writer that has put them there and is about to write an object that refers to them finds that another came first.
   */
  async #cleanParts(objectName: string, ids: string[]): Promise<void> {
    const { limit, names, requests } = this.#bucket;
    for (let i = 0; i < MAX_CONFLICTS; i++) {
      const object = await this.#read(objectName);
      const orphans = await this.#orphansAmong(ids, objectName, object);
      if (orphans === null) continue;
      if (orphans.length === 0) return;
      if (!await this.#fence(objectName, object)) continue;
      await Promise.all(
        orphans.map((id) => limit.run(() => requests.delete(names.partOf(objectName, id), null))),
      );
      return;
    }
    throw new StorageError("CONFLICT", `Cannot compact: others have written to a key ${MAX_CONFLICTS} times meanwhile`);
  }

  /** Those parts that nothing refers to; `null` when the key was changed while that was found out. */
  async #orphansAmong(ids: string[], objectName: string, object: StoredObject | null): Promise<string[] | null> {
    const root = object === null ? null : this.#decode(objectName, object);
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
      const part = await this.#read(name);
      if (part === null) throw new Changed();
      await this.#reach(objectName, this.#decode(name, part), reached);
    }));
  }

  /** Writes an object once more, or the mark of a deleted key where there is none; false when others came first. */
  async #fence(objectName: string, object: StoredObject | null): Promise<boolean> {
    const { limit, names, requests, space, writeIds } = this.#bucket;
    const id = writeIds.next();
    const key = names.keyOf(objectName) ?? new Uint8Array(0);
    const root = object === null ? null : this.#decode(objectName, object);
    const body = root === null
      ? encodeTombstone(space.core, [id], key)
      : encodeAgain(space.core, withWrite(root.writers, id), root);
    const condition = object === null ? { ifAbsent: true } as const : { ifVersion: object.version };
    const written = await limit.run(() => requests.put(objectName, body, condition));
    if ("isUnanswered" in written) throw written.error;
    return written.version !== null;
  }

  #decode(name: string, { body }: StoredObject): Root {
    return decode(this.#bucket.space.core, body, name);
  }

  async #read(name: string): Promise<StoredObject | null> {
    const { limit, requests } = this.#bucket;
    return await limit.run(() => requests.get(name)) as StoredObject | null;
  }
}
