import type { Random } from "../random.ts";
import { type Deed, showDeed } from "./deeds.ts";
import { DeedSource, KEYS, type Weight } from "./draw_deeds.ts";

/** What a store does to its files, and to what it has in memory. */
export type Upkeep = "commit" | "compact" | "saveIndex" | "checkpoint" | "tick" | "dropAll" | "reopen";

/** Something that happens to a store. */
export interface Step {
  /** So much time passes before. */
  readonly afterMs: number;
  readonly what: Deed | Upkeep;
  /** Through which face of the store. */
  readonly face: "sync" | "async";
  /** How many steps follow before it is waited for. */
  readonly ahead: number;
}

/** As often as it happens. */
export const UPKEEP: readonly Upkeep[] = [
  ...Array<Upkeep>(8).fill("commit"),
  "compact",
  "compact",
  "saveIndex",
  "saveIndex",
  "checkpoint",
  "tick",
  "dropAll",
  "dropAll",
  "reopen",
];

/** What steps are drawn from. */
export interface Draw {
  readonly count: number;
  readonly weight: Weight;
  readonly upkeep?: readonly Upkeep[];
  readonly keys?: readonly string[];
}

/** Random steps, which two generators of the same seed draw alike. */
export function drawSteps(random: Random, { count, weight, upkeep = UPKEEP, keys = KEYS }: Draw): Step[] {
  const deeds = new DeedSource(random, weight, keys);
  const faces = random.pick<Step["face"][]>([["sync"], ["async"], ["sync", "async"]]);
  return Array.from({ length: count }, () => {
    const isUpkeep = random.below(5) === 0;
    return {
      afterMs: random.below(50) === 0 ? random.below(400_000) : random.below(30),
      what: isUpkeep ? random.pick(upkeep) : deeds.draw(),
      face: random.pick(faces),
      ahead: random.below(3) === 0 ? random.below(6) : 0,
    };
  });
}

export function showStep(step: Step): string {
  const what = typeof step.what === "string" ? step.what : showDeed(step.what);
  const ahead = step.ahead > 0 ? `, ${step.ahead} more before it ends` : "";
  return `+${step.afterMs} ms ${step.face} ${what}${ahead}`;
}
