import type { Contender } from "../rivals/contender.ts";
import type { Work } from "./timing.ts";

const SAMPLES = 1_000;

/** Reads back the last writes of a timed piece, whole: fast writes of nothing must not win. */
export async function verifyWrites(contender: Contender, { keys, values }: Work, done: number): Promise<void> {
  const reader = contender.faces.find((face) => face.get !== undefined)!;
  const seen = new Set<string>();
  for (let i = done - 1; i >= Math.max(0, done - SAMPLES); i--) {
    if (seen.has(keys[i])) continue; // a later write has replaced this one
    seen.add(keys[i]);
    const value = await reader.get!(keys[i]);
    if (value == null || !areEqual(value, values[i])) {
      throw new Error(`wrote ${keys[i]} and read something else`);
    }
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
