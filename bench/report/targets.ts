import type { TableMaker } from "./table.ts";

/** What was promised, and what came out. */
export interface Target {
  name: string;
  promise: string;
  /** "–" where a rival was not there. */
  measured: string;
  isReached: boolean | null;
}

/** Holds a figure against what was promised. */
export function target(
  name: string,
  promise: string,
  measured: number | null,
  isReached: (measured: number) => boolean,
  format: (measured: number) => string,
): Target {
  if (measured === null) {
    return { name, promise, measured: "–", isReached: null };
  }
  return {
    name,
    promise,
    measured: format(measured),
    isReached: isReached(measured),
  };
}

export function targetTable(targets: readonly Target[], table: TableMaker): string {
  const rows = targets.map(({ name, promise, measured, isReached }) => [
    name,
    promise,
    measured,
    isReached === null ? "not measured" : isReached ? "reached" : "missed",
  ]);
  return table(["", "target", "measured", ""], rows, 1);
}
