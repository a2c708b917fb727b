import { Random } from "../data/random.ts";

/** As many nodes as the race has keys, of as many bytes as a record and its place in the index have together. */
const NODE_WORDS = 40;
const HOPS = 1_000_000;
const RUNS = 7;

/**
 * Nanoseconds of a step from one place in memory to the next one that is stored there, over as much memory as the store takes: what a
 * miss of all caches costs on this machine.
 */
export function measurePointerChase(keys: number, seed: number): number[] {
  const next = new Int32Array(keys * NODE_WORDS);
  const random = new Random(seed);
  // One cycle through all nodes (Sattolo 1986).
  const order = Uint32Array.from({ length: keys }, (_, i) => i);
  for (let i = keys - 1; i > 0; i--) {
    const j = random.below(i);
    const other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
  for (let i = 0; i < keys; i++) next[order[i] * NODE_WORDS] = order[(i + 1) % keys] * NODE_WORDS;
  let at = 0;
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = performance.now();
    for (let hop = 0; hop < HOPS; hop++) at = next[at];
    if (run > 0) times.push((performance.now() - start) / HOPS * 1e6); // the first one warms up
  }
  if (at % NODE_WORDS !== 0) throw new Error(`the chase has ended between nodes, at ${at}`);
  return times;
}
