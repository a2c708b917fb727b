import { join } from "node:path";
import type { Read } from "../../rivals/contender.ts";
import type { Change, TableContender, TableMeans } from "./contender.ts";

interface Entry {
  key: string[];
  value: Read;
}

interface Atomic {
  check(entry: Entry): Atomic;
  set(key: string[], value: Uint8Array): Atomic;
  commit(): Promise<{ ok: boolean }>;
}

interface Kv {
  get(key: string[]): Promise<Entry>;
  set(key: string[], value: Uint8Array): Promise<unknown>;
  atomic(): Atomic;
  close(): void;
}

const LANES = 64;
/** Entries in a step of the load: more are refused. */
const MOST_ENTRIES = 500;

/** On a file. Changes are those of its documentation: read, check, write, and again where somebody else was faster. */
export async function openDenoKv({ directory }: TableMeans): Promise<TableContender> {
  const { Deno } = globalThis as unknown as {
    Deno?: { openKv?(path: string): Promise<Kv> };
  };
  if (Deno?.openKv === undefined) throw new Error("it is part of Deno");
  const kv = await Deno.openKv(join(directory, "kv.db"));

  async function update(key: string, change: Change): Promise<void> {
    let isDone = false;
    while (!isDone) {
      const entry = await kv.get([key]);
      isDone = (await kv.atomic().check(entry).set([key], change(entry.value!))
        .commit()).ok;
    }
  }

  return {
    faces: [{
      label: `Deno KV, ${LANES} at a time`,
      isAwaited: true,
      lanes: LANES,
      get: async (key) => (await kv.get([key])).value,
      set: (key, value) => kv.set([key], value),
      async setMany(keys, values, count) {
        for (let from = 0; from < count; from += MOST_ENTRIES) {
          const step = kv.atomic();
          for (let i = from; i < Math.min(from + MOST_ENTRIES, count); i++) {
            step.set([keys[i]], values[i]);
          }
          await step.commit();
        }
      },
      update,
    }],
    close: () => kv.close(),
  };
}
