import { isCommand, run, type Step, type Verdict } from "./run.ts";
import type { RedisServer } from "./server.ts";

const LIMIT_MS = 15_000;

/** The fewest steps found, within some time, after which the two sides still differ. */
export async function shrink(
  steps: readonly Step[],
  failed: Verdict & { kind: "different" },
  server: RedisServer,
  maxSize: `${number}MB`,
): Promise<{ steps: readonly Step[]; failed: Verdict & { kind: "different" } }> {
  const end = performance.now() + LIMIT_MS;
  let best = { steps: steps.slice(0, failed.mismatch.index + 1), failed };
  const improves = async (fewer: readonly Step[]): Promise<boolean> => {
    const verdict = await run(fewer, server, maxSize);
    if (verdict.kind !== "different") return false;
    best = { steps: fewer.slice(0, verdict.mismatch.index + 1), failed: verdict };
    return true;
  };
  const last = best.steps[best.steps.length - 1];
  const keys = isCommand(last) ? last.keys : [];
  await improves(best.steps.filter((step) => !isCommand(step) || step.keys.some((key) => keys.includes(key))));
  for (let size = best.steps.length >> 1; size > 0; size >>= 1) {
    for (let at = best.steps.length - size; at > -size && performance.now() < end; at -= size) {
      const from = Math.max(at, 0);
      await improves([...best.steps.slice(0, from), ...best.steps.slice(from + size)]);
      at = Math.min(at, best.steps.length);
    }
    // Once around again, because what is gone may have been what kept others from going.
    if (size === 1 && performance.now() < end) {
      const before = best.steps.length;
      for (let at = before - 1; at >= 0; at--) {
        if (at < best.steps.length) await improves(best.steps.filter((_, i) => i !== at));
      }
      if (best.steps.length < before) size = 2;
    }
  }
  return best;
}
