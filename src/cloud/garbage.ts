import type { Bucket } from "./bucket.ts";

/** Readers may have what was replaced before their eyes for so long; after that they have to begin anew. */
const MAX_GRACE_MS = 60_000;

interface Item {
  readonly objectName: string;
  readonly id: string;
  /** Whether what it refers to is garbage, too. */
  readonly isWhole: boolean;
  readonly dueAt: number;
}

/**
 * Parts that nothing refers to any more: they are deleted a little later, when something else is written, and when the store is closed. Where
 * that does not happen, `compact()` finds them.
 */
export class Garbage {
  readonly #bucket: Bucket;
  readonly #graceMs: number;
  /** In the order in which they are due. */
  #items: Item[] = [];
  #collecting: Promise<void> = Promise.resolve();

  constructor(bucket: Bucket, graceMs: number) {
    this.#bucket = bucket;
    this.#graceMs = Math.min(graceMs, MAX_GRACE_MS);
  }

  /** A part of what the object has or had. */
  add(objectName: string, id: string, isWhole: boolean): void {
    const now = this.#bucket.clock.now();
    this.#items.push({ objectName, id, isWhole, dueAt: now + this.#graceMs });
    if (this.#items[0].dueAt > now) return;
    const next = this.#items.findIndex(({ dueAt }) => dueAt > now);
    const due = this.#items.splice(0, next < 0 ? this.#items.length : next);
    this.#collecting = Promise.all([this.#collecting, ...due.map((item) => this.#delete(item))]).then(() => {});
  }

  /** Deletes all of it. */
  async collectAll(): Promise<void> {
    await Promise.all(this.#items.splice(0).map((item) => this.#delete(item)));
    await this.#collecting;
  }

  /** What cannot be deleted is left to `compact()`. */
  async #delete({ objectName, id, isWhole, dueAt }: Item): Promise<void> {
    const { names, requests } = this.#bucket;
    const name = names.partOf(objectName, id);
    try {
      if (isWhole) {
        const object = await requests.get(name);
        if (object === null) return;
        const parts = this.#bucket.decode(object, name).stored?.externals.flat() ?? [];
        await Promise.all(parts.map((part) => this.#delete({ objectName, id: part.id, isWhole, dueAt })));
      }
      await requests.delete(name, null);
    } catch {
      return;
    }
  }
}
