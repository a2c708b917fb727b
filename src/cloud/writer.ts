import { StorageError } from "../errors.ts";
import { bytesOfName } from "../records/names.ts";
import { type Bucket, conflict, type Found, MAX_CONFLICTS } from "./bucket.ts";
import type { Cache } from "./cache.ts";
import { backOff } from "./clock.ts";
import { encodePart, remembers, type Stored, withWrite, type Writers } from "./format.ts";
import type { Condition, StoredObject } from "./object_storage.ts";
import type { Intent } from "./trials.ts";

/** A part that nothing refers to any more, and whether that goes for all below it. */
interface Dropped {
  readonly id: string;
  readonly isWhole: boolean;
}

/** Writes what calls want to write, once, whatever the bucket answers. */
export class Writer {
  readonly #bucket: Bucket;
  readonly #cache: Cache;
  /** The most attempts of one request. */
  readonly #attempts: number;

  constructor(bucket: Bucket, cache: Cache, attempts: number) {
    this.#bucket = bucket;
    this.#cache = cache;
    this.#attempts = attempts;
  }

  /** Writes what calls want to write; false when others came first and it has to begin anew. */
  async write(intent: Intent): Promise<boolean> {
    const { name, entry, object, id } = intent;
    const { clock, garbage, names, requests } = this.#bucket;
    const objectName = await names.of(bytesOfName(name));
    const condition: Condition = entry.version === null ? { ifAbsent: true } : { ifVersion: entry.version };
    await this.#bucket.probe();
    const dropped = this.#droppedBy(intent);
    const parts = Array.from(intent.written.keys(), (id) => ({ id, isWhole: false }));
    const discard = (parts: Dropped[]) => {
      for (const { id, isWhole } of parts) garbage.add(objectName, id, isWhole);
    };
    const fail = (error: unknown) => {
      discard(parts);
      throw error;
    };
    await this.#writeParts(objectName, intent.written).catch(fail);
    let error: unknown = null;
    for (let attempt = 1;; attempt++) {
      const askedAt = this.#bucket.takePlace();
      const checkedAt = clock.now();
      const written = await requests.put(objectName, object, condition).catch((failure) => {
        // One before may have been carried out, or may be yet: then its parts are needed.
        if (attempt > 1) throw unknownOutcome(failure);
        return fail(failure);
      });
      if (written.version !== null) {
        const known = { version: written.version, writers: withWrite(entry.writers, id), askedAt, checkedAt };
        this.#cache.learn(name, known, intent.stored, intent.written, intent.gone, object.length);
        discard(dropped);
        return true;
      }
      this.#cache.forget(name);
      error ??= written.error;
      const fate = await this.#fateOf(intent, error);
      if (fate !== "open") discard(fate === "written" ? dropped : parts);
      if (fate !== "open") return fate === "written";
      // It may come as long as its condition holds, so another one may not, unless this one comes now.
      const isEnough = "isUnanswered" in written || error !== null && attempt >= this.#attempts;
      if (isEnough) throw unknownOutcome(error);
      if (attempt >= MAX_CONFLICTS) throw conflict();
      await backOff(clock, Math.min(attempt, 4));
    }
  }

  /** Writes the parts that an object is to refer to. When that fails nothing has happened: nobody knows of them. */
  async #writeParts(objectName: string, parts: ReadonlyMap<string, Stored>): Promise<void> {
    const { clock, names, requests, space } = this.#bucket;
    await Promise.all(Array.from(parts, async ([id, stored]) => {
      const object = encodePart(space.core, stored);
      const name = names.partOf(objectName, id);
      for (let attempt = 1;; attempt++) {
        const written = await requests.put(name, object, { ifAbsent: true });
        if (written.version !== null) return;
        // Nobody else writes under this name: if there is something, it is this. But servers refuse writes for less.
        if (!("isUnanswered" in written) && await requests.get(name) !== null) return;
        if ("isUnanswered" in written || attempt >= this.#attempts) {
          throw new StorageError("UNAVAILABLE", "Cannot write: the bucket did not answer", {
            cause: written.error ?? undefined,
          });
        }
        await backOff(clock, Math.min(attempt, 4));
      }
    }));
  }

  /** The parts to which nothing refers any more after a write, and whether that goes for all below them. */
  #droppedBy({ name, gone, stored, written }: Intent): Dropped[] {
    const kept = new Set(
      [stored, ...written.values()].flatMap((object) => object?.externals.flat() ?? []).map(({ id }) => id),
    );
    const before = new Set([
      ...this.#bucket.space.partsOf(name),
      ...Array.from(gone, ({ children }) => [...children]).flat(),
    ]);
    const replaced = Array.from(gone).filter(({ id }) => id !== "").map(({ id }) => ({ id, isWhole: false }));
    const unreferred = Array.from(before).filter((piece) => !gone.has(piece) && !kept.has(piece.id));
    return [...replaced, ...unreferred.map(({ id }) => ({ id, isWhole: true }))];
  }

  /**
   * Finds out what became of a write that was not acknowledged, whatever `error` there was: whether it was carried out, or never will be, or
   * may be yet. Rejects with `outcome: "unknown"` when nobody can tell.
   */
  async #fateOf({ name, entry, id }: Intent, error: unknown): Promise<"written" | "lost" | "open"> {
    let found: Found;
    try {
      found = await this.#bucket.ask(name, null);
    } catch (cause) {
      throw unknownOutcome(error ?? cause);
    }
    const object = found.object as StoredObject | null;
    const isWritten = remembers(this.#writersIn(found.objectName, object, error), id);
    if (isWritten !== true && (object?.version ?? null) === entry.version) return "open";
    // When no attempt has failed, at most the runtime has sent it again: so many others cannot have written in that time.
    const isGone = object === null && entry.version !== null;
    if (error !== null && (isWritten === null || isGone)) throw unknownOutcome(error);
    this.#remember(found);
    return isWritten === true ? "written" : "lost";
  }

  #writersIn(objectName: string, object: StoredObject | null, error: unknown): Writers {
    try {
      return object === null ? [] : this.#bucket.decode(object, objectName).writers;
    } catch (damage) {
      throw error === null ? damage : unknownOutcome(error);
    }
  }

  /** Has the cache know what was found, if it can: it was not asked for that. */
  #remember(found: Found): void {
    try {
      this.#cache.keep([found], [found.name]);
    } catch {
      this.#cache.forget(found.name);
    }
  }
}

function unknownOutcome(error: unknown): StorageError {
  const why = error instanceof StorageError ? error.message : "the bucket did not say";
  return new StorageError("UNAVAILABLE", `Cannot tell whether the write took place: ${why}`, {
    cause: error ?? undefined,
    outcome: "unknown",
  });
}
