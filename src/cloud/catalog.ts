// What concerns all keys: for that the bucket is asked for the list of its objects.

import { readScanOptions } from "../arguments.ts";
import type { Bytes, ScanOptions, ScanResult } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { matchesGlob } from "../glob.ts";
import { MOST_LISTED } from "./attempts.ts";
import { type Bucket, MAX_CONFLICTS } from "./bucket.ts";
import { encodeTombstone, isOurs, readTag, type Root, UNKNOWN_WRITERS, withWrite } from "./format.ts";
import type { ListedObject, StoredObject } from "./object_storage.ts";

/** The keys that a bucket has. */
export class Catalog {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** One step of a scan: a part of the list of objects. The cursor is that of the list, behind the number of the prefix. */
  async scan(options: ScanOptions): Promise<ScanResult> {
    const { names, requests } = this.#bucket;
    const { cursor, count, pattern } = readScanOptions(options);
    const prefixes = names.listPrefixes(literalPrefix(pattern));
    const [, index, place] = cursor === null ? ["", "0", ""] : /^([01]):(.*)$/s.exec(cursor) ?? [];
    if (index === undefined) {
      throw new StorageError("OUT_OF_RANGE", `Cannot scan: no scan gave the cursor ${JSON.stringify(cursor)}`);
    }
    const at = Number(index);
    const list = await requests.list(prefixes[at], place || null, Math.min(count, MOST_LISTED));
    const found = await Promise.all(list.objects.map((object) => this.#keyOf(object, options.type)));
    const keys = found.filter((key): key is Bytes =>
      key !== null && (pattern === null || matchesGlob(pattern, key, 0, key.length))
    );
    const next = list.cursor !== null ? `${at}:${list.cursor}` : at + 1 < prefixes.length ? `${at + 1}:` : null;
    return { cursor: next, keys };
  }

  /** The key of an object that a list has shown, if it holds something, of that type. */
  async #keyOf({ name, size }: ListedObject, type: ScanOptions["type"]): Promise<Bytes | null> {
    const { names, requests, space } = this.#bucket;
    const tag = readTag(size);
    if (tag.type === null || type !== undefined && tag.type !== type) return null;
    const key = names.keyOf(name);
    if (key !== null && !tag.mayHaveExpired) return key as Bytes;
    const object = await requests.get(name);
    if (object === null) return null;
    const { stored } = this.#bucket.decode(object, name);
    return stored === null ? null : space.liveKey(stored.records, name);
  }

  /** How many keys hold something. */
  async size(): Promise<number> {
    let keys = 0;
    for await (const objects of this.listKeys()) {
      keys += objects.filter(({ size }) => readTag(size).type !== null).length;
    }
    return keys;
  }

  /** Marks all keys as deleted. `CORRUPT` where there is something that this package has not written: that is left alone. */
  async clear(): Promise<void> {
    await this.#bucket.probe();
    const foreign: string[] = [];
    for await (const objects of this.listKeys()) {
      const live = objects.filter(({ size }) => readTag(size).type !== null);
      await Promise.all(live.map(async ({ name }) => {
        if (!await this.#remove(name)) foreign.push(name);
      }));
    }
    if (foreign.length === 0) return;
    throw new StorageError("CORRUPT", `Cannot clear object ${foreign[0]}: it was not written by this package`);
  }

  /** Marks a key as deleted, whatever it holds; false if its object is not ours. What others write after that stays. */
  async #remove(name: string): Promise<boolean> {
    for (let i = 0; i < MAX_CONFLICTS; i++) {
      const object = await this.#bucket.requests.get(name);
      if (object === null) return true;
      if (!isOurs(object.body)) return false;
      if (await this.remove(name, object)) return true;
    }
    throw new StorageError("CONFLICT", `Cannot clear: others have written to a key ${MAX_CONFLICTS} times meanwhile`);
  }

  /** Marks a key as deleted that has this object; false when others have written to it since. */
  async remove(name: string, object: StoredObject): Promise<boolean> {
    const { garbage, names, requests, space } = this.#bucket;
    const root = this.#decode(object, name);
    if (root?.deletedKey) return true;
    const writers = withWrite(root?.writers ?? UNKNOWN_WRITERS, this.#bucket.upkeepIds.next());
    const key = names.keyOf(name) ?? this.#keyIn(root, name) ?? new Uint8Array(0);
    const tombstone = encodeTombstone(space.core, writers, key);
    const written = await requests.put(name, tombstone, { ifVersion: object.version });
    if ("isUnanswered" in written) throw written.error;
    if (written.version === null) return false;
    for (const { id } of root?.stored?.externals.flat() ?? []) garbage.add(name, id, true);
    return true;
  }

  /** What an object says; `null` where it is damaged. */
  #decode(object: StoredObject, name: string): Root | null {
    try {
      return this.#bucket.decode(object, name);
    } catch {
      return null;
    }
  }

  #keyIn(root: Root | null, name: string): Uint8Array | null {
    try {
      return root?.stored ? this.#bucket.space.keyIn(root.stored.records, name) : null;
    } catch {
      return null;
    }
  }

  /** All objects of keys, part by part. */
  async *listKeys(): AsyncIterableIterator<ListedObject[]> {
    const { names, requests } = this.#bucket;
    for (const prefix of names.listPrefixes(new Uint8Array(0))) yield* requests.listAll(prefix);
  }
}

/** The bytes that all keys begin with that match a glob. */
function literalPrefix(pattern: Uint8Array | null): Uint8Array {
  if (pattern === null) return new Uint8Array(0);
  const end = pattern.findIndex((byte) => "*?[\\".includes(String.fromCharCode(byte)));
  return pattern.subarray(0, end < 0 ? pattern.length : end);
}
