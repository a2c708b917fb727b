import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { CUT_LIMITS, type CutLimits } from "../../../src/cloud/cut.ts";
import { Random } from "../random.ts";
import type { Face, Open, Subject } from "./face.ts";

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string | symbol, Method>;

/** From objects that are as long as they may be to such as have a few records. */
const LIMITS: readonly CutLimits[] = [
  CUT_LIMITS,
  { rootBytes: 8000, partBytes: 16_000, chunks: 64 },
  { rootBytes: 600, partBytes: 3000, chunks: 2 },
];

/**
 * Stores that share a bucket, for each run: an operation is done by any of them, and now and then one is closed and another opened, which
 * knows nothing. At the end nothing may be left in the bucket but marks of deleted keys.
 */
export function sharing(seed: number): Open {
  let runs = 0;
  return async (): Promise<Subject> => {
    const random = new Random(seed + ++runs);
    const storage = memoryObjects();
    const cutLimits = random.pick(LIMITS);
    const open = () => new CloudStore({ storage, cache: { size: "64MB" }, graceMs: 0 }, { cutLimits });
    const stores = [open(), open(), open()];
    const pick = async (): Promise<CloudStore> => {
      const i = random.below(stores.length);
      if (random.below(12) === 0) {
        await stores[i].close();
        stores[i] = open();
      }
      return stores[i];
    };
    const shared = new Proxy({}, {
      get: (_, name) => async (...args: unknown[]) => {
        const store = await pick();
        const method = (MOVES as unknown as Record<string | symbol, Method>)[name];
        if (method !== undefined) return await method(store, ...args);
        return await (store as unknown as Methods)[name].call(store, ...args);
      },
    });
    return {
      face: shared as Face,
      async [Symbol.asyncDispose]() {
        for (const store of stores) await store.close();
        const { objects } = await storage.list("n/");
        if (objects.length > 0) throw new Error(`${objects.length} parts are left, seed ${seed + runs}`);
      },
    };
  };
}

/** What a cloud store refuses to do with two keys at once, done one after the other: nobody else is there. */
const MOVES: Partial<Record<string, (store: CloudStore, ...args: never[]) => Promise<unknown>>> = {
  rename: (store, ...[from, to, options]: Parameters<CloudStore["rename"]>) =>
    unlessRefused(() => store.rename(from, to, options), async () => {
      await store.copy(from, to, { replace: true });
      return await store.del(from);
    }),
  lmove: (store, ...[from, to, take, put]: Parameters<CloudStore["lmove"]>) =>
    unlessRefused(() => store.lmove(from, to, take, put), async () => {
      const [value] = (await (take === "left" ? store.lpop(from) : store.rpop(from)))!;
      await (put === "left" ? store.lpush(to, [value]) : store.rpush(to, [value]));
      return value;
    }),
  smove: (store, ...[from, to, member]: Parameters<CloudStore["smove"]>) =>
    unlessRefused(() => store.smove(from, to, member), async () => {
      await store.srem(from, [member]);
      await store.sadd(to, [member]);
      return true;
    }),
};

async function unlessRefused<T>(call: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if ((error as { code?: string }).code !== "UNSUPPORTED") throw error;
    return await otherwise();
  }
}
