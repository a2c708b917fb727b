import type { Random } from "../random.ts";
import { type Deed, showDeed } from "./deeds.ts";
import { CallSource } from "./draw_calls.ts";
import type { Weight } from "./draw_deeds.ts";
import type { Upkeep } from "./steps.ts";

/** What goes on beside calls. */
export type Beside = Exclude<Upkeep, "reopen">;

/** Something that happens while calls are under way, or waits for them. */
export type Act =
  | {
    readonly act: "call";
    readonly deed: Deed;
    readonly face: "sync" | "async";
    /** After how many turns the call is given up; 0 for before it is made. */
    readonly abortAfter: number | null;
  }
  | { readonly act: "beside"; readonly what: Beside }
  /** Whatever waits has its turn. */
  | { readonly act: "turn" }
  /** All calls are waited for. After that time passes. */
  | { readonly act: "settle"; readonly afterMs: number };

/** Few enough for calls to meet. */
const PLAIN_KEYS = Array.from({ length: 10 }, (_, i) => `key:${i}`);
const MOST_CALLS = 40;

/** Draws so many batches of calls, which are made without waiting for any, and what goes on beside them. */
export function drawScript(
  random: Random,
  batches: number,
  beside: readonly Beside[],
  { keys = PLAIN_KEYS, weight = "light" }: { readonly keys?: readonly string[]; readonly weight?: Weight } = {},
): Act[] {
  const source = new CallSource(random, weight, keys);
  const acts: Act[] = [];
  for (; batches > 0; batches--) {
    const [syncs, besides, turns] = [random.pick([4, 20]), random.pick([3, 8, 30]), 1 + random.below(12)];
    for (let i = random.below(MOST_CALLS); i >= 0; i--) {
      if (random.below(besides) === 0) acts.push({ act: "beside", what: random.pick(beside) });
      if (random.below(turns) === 0) acts.push({ act: "turn" });
      acts.push({
        act: "call",
        deed: source.draw(),
        face: random.below(syncs) === 0 ? "sync" : "async",
        abortAfter: random.below(8) === 0 ? random.below(6) : null,
      });
    }
    acts.push({ act: "settle", afterMs: random.pick([0, 1, 50, 1000, 400_000]) });
  }
  return acts;
}

export function showAct(act: Act): string {
  switch (act.act) {
    case "call": {
      const abort = act.abortAfter === null ? "" : `, given up after ${act.abortAfter} turns`;
      return `${act.face} ${showDeed(act.deed)}${abort}`;
    }
    case "beside":
      return act.what;
    case "turn":
      return "turn";
    case "settle":
      return `settle, ${act.afterMs} ms`;
  }
}
