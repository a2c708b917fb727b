import type { Command } from "../command.ts";
import type { Draw } from "../draw.ts";

/**
 * What a command does to the size of a collection, and what it costs: `whole` goes over all of it, `wipe` empties it at
 * once.
 */
export type Kind = "add" | "remove" | "read" | "whole" | "wipe";

/** A command as it is drawn. */
export interface Entry {
  readonly kind: Kind;
  /** How often it is drawn, beside the others of its family. */
  readonly weight: number;
  readonly make: (draw: Draw) => Command;
}

export type Table = readonly Entry[];

export function entry(kind: Kind, weight: number, make: (draw: Draw) => Command): Entry {
  return { kind, weight, make };
}

/** The name of an option of Redis, if it is set. */
export function flag(isSet: boolean | undefined, ...words: (string | number)[]): (string | number)[] {
  return isSet === true ? words : [];
}
