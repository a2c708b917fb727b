import type { HybridLogStore } from "@ferrite/storage";
import type { Digests } from "./digests.ts";
import type { DemoFiles } from "./files.ts";
import type { Rate } from "./speed.ts";
import { check, duration, fact, number, timed, withProgress } from "./terminal.ts";

/** Saves everything, removes it, brings it back, and checks it. */
export async function saveAndRestore(store: HybridLogStore, files: DemoFiles, digests: Digests): Promise<Rate> {
  const keys = await store.size();
  const [path, saveMs] = await timed(() =>
    withProgress((onProgress) => store.checkpoint(files.checkpoint, onProgress))
  );
  fact(
    "checkpoint",
    `${number(keys)} keys in ${path}, mostly links to files that do not change any more, ${duration(saveMs)}`,
  );

  await store.clear();
  check(await store.size() === 0, "clear() has left something");
  fact("cleared", "nothing is left");

  const [, restoreMs] = await timed(() => withProgress((onProgress) => store.restore(path, onProgress)));
  const restored = await store.size();
  check(restored === keys, `${keys} keys were saved, but ${restored} came back`);
  fact("restored", `${number(restored)} keys, everything read and checked, in ${duration(restoreMs)}`);
  return await digests.check(store);
}
