import { CloudStore, memoryObjects } from "../../../src/cloud/mod.ts";
import type { TableContender } from "./contender.ts";

const LANES = 64;

/** The cloud store over a bucket in this process: what it costs itself, without a network. Its cache has the budget, and asks each time. */
export function openCloud({ budgetBytes }: { budgetBytes: number }): TableContender {
  const store = new CloudStore({ storage: memoryObjects(), cache: { size: budgetBytes } });
  return {
    faces: [{
      label: "ferrite cloud, bucket in memory",
      isAwaited: true,
      lanes: LANES,
      get: (key) => store.get(key),
      set: (key, value) => store.set(key, value),
      update: (key, change) => store.update(key, (value) => change(value!)),
    }],
    close: () => store.close(),
  };
}
