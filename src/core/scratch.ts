import type { Core } from "./core.ts";
import { SCRATCH_BYTES } from "./layout.ts";

/** Runs what may use the scratch area, which holds afterwards what it held before. */
export function keepScratch<T>(core: Core, run: () => T): T {
  const saved = core.bytes.slice(core.scratch, core.scratch + SCRATCH_BYTES);
  try {
    return run();
  } finally {
    core.bytes.set(saved, core.scratch);
  }
}
