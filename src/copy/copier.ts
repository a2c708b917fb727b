import type { Bytes, CallOptions, Key } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { isSame, type State, stateOf } from "./is_same.ts";
import { type Mover, MOVERS, PART_BYTES, type Store } from "./movers.ts";
import { type Part, partsOf } from "./parts.ts";

/** What has become of a key: written, found there already, or gone from the source before it could be copied. */
export type Outcome = "copied" | "equal" | "gone";

/** What a key begins with under which a value is put together. */
const STAGING = "ferrite:copying:";
/** What a crash leaves there goes by itself after so long. */
const STAGING_TTL_MS = 60 * 60_000;
/** A key that changes all the time is tried so often. */
const MAX_ATTEMPTS = 5;

/** How to copy keys. */
export interface CopierOptions extends CallOptions {
  /** Writes over what the target holds under the key. */
  readonly replace: boolean;
  /** Reads back what was written, and compares. */
  readonly verify: boolean;
  /** Told the bytes of values that have been read. */
  onBytes(bytes: number): void;
}

/** Copies keys from one store to another. Each appears in the target as a whole, with its expiry. */
export class Copier {
  readonly #source: Store;
  readonly #target: Store;
  readonly #options: CopierOptions;
  readonly #call: CallOptions;

  constructor(source: Store, target: Store, options: CopierOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#call = { signal: options.signal };
  }

  async copy(key: Bytes): Promise<Outcome> {
    let { replace } = this.#options;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const outcome = await this.#attempt(key, replace);
      if (outcome === null) continue; // one of them has expired meanwhile
      if (outcome !== "copied" || !this.#options.verify || await this.#isCopied(key)) return outcome;
      replace = true; // what is there is of this copy
    }
    throw new StorageError("CONFLICT", "it changes all the time in one of the stores");
  }

  #isCopied(key: Bytes): Promise<boolean> {
    return isSame(this.#source, this.#target, key, this.#call);
  }

  async #attempt(key: Bytes, replace: boolean): Promise<Outcome | null> {
    // Together with the rest, since most values are short strings, and each question may be a request.
    const beginning = this.#source.getRange(key, 0, PART_BYTES - 1, this.#call).catch(unlessWrongType);
    const [state, bytes] = await Promise.all([stateOf(this.#source, key, this.#call), beginning]);
    if (state === null) return "gone";
    const mover = MOVERS[state.type];
    if (mover.capability !== null && !this.#target.supports[mover.capability]) {
      throw new StorageError("UNSUPPORTED", `the target has no ${mover.capability}`);
    }
    const isShort = state.type === "string" && bytes !== null && bytes.length < PART_BYTES;
    if (isShort && await this.#setText(key, bytes, state, { ifAbsent: true })) return this.#countText(bytes);
    const isTaken = isShort || await this.#target.exists(key, this.#call);
    if (isTaken) {
      if (await isSame(this.#source, this.#target, key, this.#call)) return "equal";
      if (!replace) return await this.#refuse(key);
    }
    if (isShort) return await this.#setText(key, bytes, state) ? this.#countText(bytes) : "gone";
    const parts = partsOf(mover, this.#source, key, this.#call);
    const { value: first } = await parts.next();
    if (first === undefined || first.elements.length === 0) return null;
    if (!first.isLast) return await this.#stage(key, mover, first, parts, state, replace);
    if (this.#target.supports.transactions) return await this.#writeAtOnce(key, mover, first, state, replace);
    if (isTaken || state.expiry !== Infinity) return await this.#stage(key, mover, first, parts, state, replace);
    await mover.add(this.#target, key, first.elements, this.#call); // which is one call
    this.#options.onBytes(first.bytes);
    return "copied";
  }

  #countText(bytes: Bytes): Outcome {
    this.#options.onBytes(bytes.length);
    return "copied";
  }

  /** Nothing is refused because of a key that has expired by now. */
  async #refuse(key: Bytes): Promise<null> {
    const stores = [this.#source, this.#target];
    const isThere = await Promise.all(stores.map((store) => store.exists(key, this.#call)));
    if (isThere.includes(false)) return null;
    throw new StorageError("CONFLICT", "the target holds something else there; with replace it would be written over");
  }

  /** Writes a string that fits into one call, unless its time has come. */
  async #setText(key: Bytes, bytes: Bytes, { expiry }: State, when?: { ifAbsent: true }): Promise<boolean> {
    const ttl = expiry - Date.now();
    if (ttl <= 0) return false;
    return await this.#target.set(key, bytes, { ...when, ...this.#call, ...expiry === Infinity ? {} : { ttl } });
  }

  /** Writes a collection that has been read whole. */
  async #writeAtOnce(
    key: Key,
    mover: Mover<unknown>,
    { elements, bytes }: Part<unknown>,
    { expiry }: State,
    replace: boolean,
  ): Promise<Outcome | null> {
    const ttl = expiry - Date.now();
    if (ttl <= 0) return "gone";
    const isWritten = await this.#target.transact((tx) => {
      if (!replace && tx.exists(key)) return false;
      tx.del(key);
      mover.add(tx, key, elements, {});
      if (ttl !== Infinity) tx.expire(key, ttl);
      return true;
    }, this.#call);
    if (!isWritten) return null;
    this.#options.onBytes(bytes);
    return "copied";
  }

  /** Puts a value together under another key, and moves it when it is whole. */
  async #stage(
    key: Bytes,
    mover: Mover<unknown>,
    first: Part<unknown>,
    others: AsyncIterable<Part<unknown>>,
    { expiry }: State,
    replace: boolean,
  ): Promise<Outcome | null> {
    const target = this.#target;
    const staging = `${STAGING}${crypto.randomUUID()}`;
    let renewedAt = -Infinity;
    const add = async ({ elements, bytes }: Part<unknown>) => {
      await mover.add(target, staging, elements, this.#call);
      if (Date.now() - renewedAt > STAGING_TTL_MS / 4) {
        renewedAt = Date.now();
        await target.expire(staging, STAGING_TTL_MS, this.#call);
      }
      this.#options.onBytes(bytes);
    };
    try {
      await add(first);
      for await (const part of others) if (part.elements.length > 0) await add(part);
      const ttl = expiry - Date.now();
      // Where it has expired on the way, the last parts were empty.
      if (ttl <= 0 || !await this.#source.exists(key, this.#call)) return "gone";
      if (ttl === Infinity) await target.persist(staging, this.#call);
      else await target.expire(staging, ttl, this.#call);
      return await this.#move(staging, key, replace) ? "copied" : null;
    } finally {
      await target.del(staging).catch(() => {}); // the first error says more, and what stays there expires
    }
  }

  async #move(staging: string, key: Bytes, replace: boolean): Promise<boolean> {
    const { supports } = this.#target;
    if (supports.transactions) return await this.#target.rename(staging, key, { ifAbsent: !replace, ...this.#call });
    return await this.#target.copy(staging, key, { replace, ...this.#call });
  }
}

function unlessWrongType(error: unknown): null {
  if (error instanceof StorageError && error.code === "WRONG_TYPE") return null;
  throw error;
}
