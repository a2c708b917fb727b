import { toBytes } from "../arguments.ts";
import type { Core } from "../core/core.ts";
import { COLD, FULL, MISSING, NEEDS_FRAMES, TOO_MANY, WRONG_TYPE } from "../core/layout.ts";
import type { Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { Miss } from "./miss.ts";
import type { Packing } from "./packing.ts";

/**
 * The records that data types work on: those in a core, and the decisions of a store about what is in it. Every type is
 * written over this class alone.
 *
 * A step is what a type does for one call. It puts its key, field and value into the core's scratch area and makes a call
 * into the core, which checks all that may forbid it, then does it. A step of several calls runs in `atomically`, or asks
 * for all that may be missing before its first write: whatever misses can be run again.
 */
export abstract class Records {
  /** Reads that found a value, and those that found none. */
  hits = 0;
  misses = 0;
  /** Whether any key was ever given an expiry: without one, no operation needs the time. */
  mayExpire = false;
  /** The option that says how much fits, for messages. */
  readonly sizeOption: string = "maxSize";

  abstract get core(): Core;

  /**
   * The time for a core call, which stands still during a step: what is there at its beginning does not expire in the middle.
   * 0, at which nothing has expired, as long as nothing can.
   */
  abstract now(): number;

  /** Makes room for a write that adds about `bytes` and was refused with FULL or NEEDS_FRAMES, or throws. */
  abstract makeRoom(answer: number, bytes: number): void;

  /** After writes of about `bytes`: gets more memory, recycles, reclaims, as the core needs. */
  abstract relieve(bytes: number): void;

  /** Makes room for the writes of `packing`, such that they cannot be refused. Whether anything had to be done for it. */
  abstract reserve(packing: Packing, addedBytes?: number): boolean;

  /** Whether the core may write over a record where it lies: nobody else needs it as it is. */
  abstract isOverwritable(record: number): boolean;

  /**
   * Runs a step of several writes, all of which take effect or none. `bytes` is what they may add at most, if that is
   * known. It may run again, after all it did has been undone.
   */
  abstract atomically<T>(step: () => T, bytes?: number): T;

  /**
   * Puts a key at `at`, a multiple of 4, where there must be room for the longest one, and returns its length in bytes.
   * Throws `Miss` when it has to be loaded first.
   */
  abstract putKeyAt(key: Key, at: number): number;

  /** Throws because the core lacks records that it has named: `Miss`, or `CORRUPT` where all records are in the core. */
  abstract missing(): never;

  /**
   * Sees to it that the core has the records of which it has just said that it lacks them, so that the call can be made again: it
   * has changed nothing. A store that cannot at once throws `Miss`. What lies in the scratch area stays as it is; other
   * records may move.
   */
  fetch(): void {
    this.missing();
  }

  /** Throws because the core lacks what is under these keys. */
  missingKeys(keys: readonly Key[]): never {
    throw new Miss(keys.map((key) => toBytes(key).slice()), []);
  }

  /** Reads several parts of what a key holds. What they miss is named together, so that it is loaded at a time. */
  gather<T, R>(parts: readonly T[], read: (part: T) => R): R[] {
    const missing = new Set<bigint>();
    const found = parts.map((part) => {
      try {
        return read(part);
      } catch (error) {
        // Without the key itself, no part can tell what it needs.
        if (!(error instanceof Miss) || error.keys.length > 0) throw error;
        for (const id of error.ids) missing.add(id);
        this.putOff();
        return null;
      }
    });
    if (missing.size > 0) this.giveUp(new Miss([], [...missing]));
    return found as R[];
  }

  /** A miss is told later, with others. */
  protected putOff(): void {}

  protected giveUp(miss: Miss): never {
    throw miss;
  }

  /** Puts a key at the start of the scratch area, where calls expect it. */
  putKey(key: Key): number {
    return this.putKeyAt(key, this.core.scratch);
  }

  /** The record under a key, expired or not, or 0. It counts as read. */
  find(key: Key): number {
    const keyLength = this.putKey(key);
    for (;;) {
      const record = this.core.calls.find(keyLength) >>> 0;
      if (record !== COLD) return record;
      this.fetch();
    }
  }

  /** Like `find`, but it does not count as read. */
  peek(key: Key): number {
    const keyLength = this.putKey(key);
    for (;;) {
      const record = this.core.calls.peek(keyLength) >>> 0;
      if (record !== COLD) return record;
      this.fetch();
    }
  }

  /** The kind of the record under a key; 0 when it holds nothing. */
  kindOf(key: Key): number {
    const record = this.peek(key);
    return record === 0 || this.isExpired(record) ? 0 : this.core.kindOf(record);
  }

  isExpired(record: number): boolean {
    const expiry = this.core.expiryOf(record);
    return expiry !== 0 && expiry <= this.now();
  }

  /** After a call was answered with less than 0: whether to make it again. Throws when there is no help. */
  overcomes(answer: number, bytes: number): boolean {
    switch (answer) {
      case FULL:
      case NEEDS_FRAMES:
        this.makeRoom(answer, bytes);
        return true;
      case MISSING:
        this.fetch();
        return true;
      case WRONG_TYPE:
        throw new StorageError("WRONG_TYPE", "Cannot use key: it holds a value of another type");
      case TOO_MANY:
        throw new StorageError("TOO_LARGE", "Cannot add element: the collection has 2,147,483,647, which is the limit");
      default:
        return false;
    }
  }
}
