import { KEY_BYTES, keyBuffer, putKey } from "../data/keys.ts";
import { VALUE_BYTES } from "../data/values.ts";
import { Durations, type DurationSummary } from "./durations.ts";

const RING_BYTES = 2 ** 20;

/** A loop that times copies of some bytes in place of writes to a store: what it shows is the noise of the machine. */
export function control(ms: number): DurationSummary {
  const durations = new Durations();
  const key = keyBuffer();
  const value = new Uint8Array(VALUE_BYTES).fill(7);
  const ring = new Uint8Array(RING_BYTES + KEY_BYTES + VALUE_BYTES);
  const start = performance.now();
  let last = start;
  for (let i = 0; last - start < ms; i++) {
    putKey(key, i);
    const at = (i * 128) % RING_BYTES;
    ring.set(key, at);
    ring.set(value, at + KEY_BYTES);
    const now = performance.now();
    durations.add(now - last);
    last = now;
  }
  return durations.summary();
}
