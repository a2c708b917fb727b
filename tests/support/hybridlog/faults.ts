import { StorageError } from "@ferrite/storage";
import type { FaultyFiles, FaultyKind, FaultyOperation } from "../faulty_files.ts";
import type { Random } from "../random.ts";

/**
 * What goes wrong with files:
 *
 * - `"once"`: one operation that changes something fails
 * - `"full"`: from some operation on there is no space for anything new
 * - `"gone"`: from some operation on nothing can be changed any more
 * - `"read"`: one operation that only looks fails
 * - `"short"`: the device takes and gives fewer bytes at a time than asked for
 * - `"lie"`: one sync or rename is done as far as anybody can see, but not on the disk
 */
export type Fault = "once" | "full" | "gone" | "read" | "short" | "lie";
export const FAULTS: readonly Fault[] = ["once", "full", "gone", "read", "short", "lie"];

const LOOKS: readonly FaultyKind[] = ["open", "read", "list"];
const GROWING: readonly FaultyKind[] = ["create", "write", "link", "makeDirectory"];
const LYING: readonly FaultyKind[] = ["sync", "replace", "syncDirectory"];

/** Has a fault happen from the operation with this number on, counted from now. Returns whether it has happened. */
export function inject(files: FaultyFiles, fault: Fault, after: number, random: Random): () => FaultyOperation | null {
  let happened: FaultyOperation | null = null;
  const first = (fault === "read" ? files.reads : files.operations) + after;
  const fail = (operation: FaultyOperation, code: string) => {
    happened ??= operation;
    return Object.assign(new Error(`${code}: "${operation.path}"`), { code });
  };
  files.fail = (operation) => {
    const { kind, count, length } = operation;
    const isLook = LOOKS.includes(kind);
    if (fault === "short") {
      if (kind !== "read" && kind !== "write" || length < 2 || random.below(3) !== 0) return;
      happened ??= operation;
      return 1 + random.below(length - 1);
    }
    if (isLook !== (fault === "read") || count < first) return;
    switch (fault) {
      case "read":
      case "once":
        return happened === null ? fail(operation, random.pick(["EIO", "ENOSPC"])) : undefined;
      case "full":
        return GROWING.includes(kind) ? fail(operation, "ENOSPC") : undefined;
      case "gone":
        return fail(operation, "EIO");
      case "lie":
        if (happened !== null || !LYING.includes(kind)) return;
        happened = operation;
        return 0;
    }
  };
  return () => happened;
}

/** The error that something ends in; `null` when it does not. */
export async function refusalOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return null;
  } catch (error) {
    return error;
  }
}

/** What a caller is told about files that fail. */
export function assertTold(error: unknown): void {
  const isTold = error instanceof StorageError && ["POISONED", "UNAVAILABLE"].includes(error.code);
  if (!isTold) throw error;
}
