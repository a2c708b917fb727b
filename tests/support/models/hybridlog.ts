import { HybridLogStore } from "@ferrite/storage";
import type { Log } from "../../../src/hybridlog/log.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import type { Face, Open, Subject } from "./face.ts";

const OPTIONS = { dataDir: "data", mutableSize: "8MB", readonlySize: "120MB", segmentSize: "1MB" } as const;

type Method = (...args: unknown[]) => unknown;

/**
 * A hybrid log for each run, which between operations drops everything from memory, commits, compacts, and is closed and opened
 * again, at random. `face` says whether it answers at once.
 */
export function restless(face: "sync" | "async", seed: number): Open {
  let stores = 0;
  return async (): Promise<Subject> => {
    const random = new Random(seed + ++stores);
    const files = new FaultyFiles({ seed: seed + stores });
    let log!: Log;
    const open = () =>
      HybridLogStore.open({
        ...OPTIONS,
        durability: "manual",
        compaction: false,
        io: face === "sync" ? "blocking" : random.pick(["blocking", "async"]),
      }, { files, onLog: (opened) => log = opened });
    let store = await open();
    const disturb = async (): Promise<void> => {
      if (random.below(4) === 0) log.space.dropAll();
      if (random.below(20) === 0) await store.commit();
      if (random.below(60) === 0) await store.compact();
      if (random.below(80) === 0) await store.saveIndex();
      if (random.below(60) === 0) {
        await store.close();
        store = await open();
      }
    };
    const disturbed = new Proxy({}, {
      get: (_, name) => async (...args: unknown[]) => {
        await disturb();
        const target = face === "sync" ? store.sync : store;
        return await (target as unknown as Record<string | symbol, Method>)[name].call(target, ...args);
      },
    });
    return { face: disturbed as Face, [Symbol.asyncDispose]: () => store.close() };
  };
}
