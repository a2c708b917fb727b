import { MemoryStore, StorageError } from "@ferrite/storage";
import type { HybridLogStore } from "@ferrite/storage";
import { difference, type Plain } from "../models/plain.ts";
import { type Content, contentOf, differences } from "./content.ts";
import { type Deed, performAsync, performSync, showDeed } from "./deeds.ts";
import type { World } from "./world.ts";

/** How a call is made. */
export interface Manner {
  readonly face: "sync" | "async";
  readonly signal?: AbortSignal;
  /** Whether the call may have been refused with this error, and has done nothing then. */
  readonly mayReject?: (error: unknown) => boolean;
}

type Outcome = { given: Plain } | { error: unknown };

interface Made {
  readonly deed: Deed;
  readonly manner: Manner;
  readonly ends: Promise<Outcome>;
}

/** Longer than anything takes that ends at all. */
const PATIENCE_MS = 30_000;
/** What these give has no order. */
const UNORDERED = new Set(["hgetall", "hkeys", "hvals", "smembers", "spop", "sinter", "sunion", "sdiff"]);

/**
 * Calls that nobody waits for when they are made. What they give must be what a store in memory gives, to which the same is done
 * in the order of the calls. No time may pass between a call and `settle`.
 */
export class CallOrder {
  readonly #memory = new MemoryStore({ maxSize: "128MB" });
  readonly #world: World;
  #made: Made[] = [];
  #settled = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Makes a call. */
  call(store: HybridLogStore, deed: Deed, manner: Manner): Promise<unknown> {
    const ends = perform(store, deed, manner);
    this.#made.push({ deed, manner, ends });
    return ends;
  }

  /** Waits for all calls, and compares what they gave. Returns how many were rejected because they might be. */
  async settle(): Promise<number> {
    let rejected = 0;
    for (const { deed, manner, ends } of this.#made) {
      const place = `call ${this.#settled++}, ${manner.face} ${showDeed(deed)}`;
      const outcome = await inTime(ends, place);
      if ("error" in outcome) {
        if (manner.mayReject?.(outcome.error) !== true) {
          throw new Error(`${place}: ${outcome.error}`, { cause: outcome.error });
        }
        rejected++;
        continue;
      }
      const expected = tidy(deed, performSync(deed, this.#memory.sync));
      const found = difference(tidy(deed, outcome.given), expected);
      if (found !== null) throw new Error(`${place}: ${found}`);
    }
    this.#made = [];
    return rejected;
  }

  /** What there should be. */
  content(): Content {
    return contentOf(this.#memory.sync, this.#world.now);
  }

  /** A store must hold what it should. */
  compare(store: HybridLogStore, when: string): void {
    const { now } = this.#world;
    const away = differences(contentOf(store.sync, now), this.content(), now);
    if (away !== null) throw new Error(`${when}: ${away}`);
  }
}

async function perform(store: HybridLogStore, deed: Deed, { face, signal }: Manner): Promise<Outcome> {
  try {
    if (face === "sync") return { given: performSync(deed, store.sync) };
    if (signal === undefined) return { given: await performAsync(deed, store) };
    if (deed.transaction === "none") {
      const [{ method, args }] = deed.calls;
      const calls = [{ method, args: withSignal(args, signal) }];
      return { given: await performAsync({ calls, transaction: "none" }, store) };
    }
    return { given: await performAsync(deed, { transact: (run: never) => store.transact(run, { signal }) }) };
  } catch (error) {
    return { error };
  }
}

/** Options come last; those that draw arguments leave none out before them. */
function withSignal(args: readonly unknown[], signal: AbortSignal): unknown[] {
  const last = args.at(-1);
  const isOptions = args.length > 1 && (last === undefined || isPlainObject(last) && !("by" in last));
  return isOptions ? [...args.slice(0, -1), { ...last as object, signal }] : [...args, { signal }];
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function tidy(deed: Deed, given: Plain): Plain {
  if (deed.transaction === "none") return tidyOne(deed.calls[0].method, given);
  return Array.isArray(given) ? given.map((one, i) => tidyOne(deed.calls[i].method, one)) : given;
}

function tidyOne(method: string, given: Plain): Plain {
  if (!Array.isArray(given) || !UNORDERED.has(method)) return given;
  return given.slice().sort((a, b) => String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
}

/** What a promise comes to, or an error when it comes to nothing. */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} never ends`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer!);
  }
}

/** Whether an error says that the store is closed. */
export function isClosedError(error: unknown): boolean {
  return error instanceof StorageError && error.code === "CLOSED";
}
