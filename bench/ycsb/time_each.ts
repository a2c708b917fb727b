import { type Quantiles, Times } from "../worker/times.ts";
import { turn } from "../worker/turn.ts";
import type { Face } from "./contenders/contender.ts";
import { isRight } from "./values.ts";
import type { Work } from "./work.ts";

/** How long single calls take, half of them reads, and the longest turn of the event loop between two steps. */
export interface CallTimes {
  calls: number;
  reads: Quantiles;
  writes: Quantiles;
  longestTurnMs: number;
}

/** Makes calls one after another, each by itself: no transaction around them, and batches of one where there is nothing less. */
export async function timeEach(face: Face, { order, keys, writes, values, step, limitMs }: Work): Promise<CallTimes> {
  const [reads, written] = [new Times(), new Times()];
  let longestTurnMs = 0;
  let at = 0;
  const end = performance.now() + limitMs;
  while (at < keys.length && performance.now() < end) {
    for (const last = Math.min(at + step, keys.length); at < last; at++) {
      const start = performance.now();
      if (writes[at] === 1) {
        const answer = face.set === undefined
          ? face.setMany!([keys[at]], [values.at(at, order[at])], 1)
          : face.set(keys[at], values.at(at, order[at]));
        if (answer instanceof Promise) await answer;
        written.add(performance.now() - start);
      } else {
        const answer = face.get(keys[at]);
        const value = answer instanceof Promise ? await answer : answer;
        reads.add(performance.now() - start);
        if (!isRight(value, order[at], values.bytes)) {
          throw new Error(`${face.label}: ${keys[at]} has a wrong value`);
        }
      }
    }
    const start = performance.now();
    await turn();
    longestTurnMs = Math.max(longestTurnMs, performance.now() - start);
  }
  return { calls: at, reads: reads.summarize(), writes: written.summarize(), longestTurnMs };
}
