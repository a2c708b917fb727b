import type { CloudSpace } from "./space.ts";

/** `"blind"`: it writes, and what it does where the key holds nothing is right if that is so. */
export type CallKind = "read" | "write" | "blind";

/** A call that has not been answered. */
export interface Call {
  /** The names of the keys it touches, each once. */
  readonly names: readonly string[];
  readonly step: (records: CloudSpace) => unknown;
  readonly kind: CallKind;
  /** When it was made, as the store counts, and by the clock. */
  readonly place: number;
  readonly calledAt: number;
  isOver: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** What a call came to. */
export type Outcome = { readonly call: Call } & ({ readonly result: unknown } | { readonly error: unknown });

/** Tells the caller. */
export function answer(outcome: Outcome): void {
  if ("error" in outcome) outcome.call.reject(outcome.error);
  else outcome.call.resolve(outcome.result);
}
