import { StorageError } from "@ferrite/storage";
import type { FaultyFiles, FaultyKind, FaultyOperation } from "../faulty_files.ts";
import type { Random } from "../random.ts";

/**
 * What goes wrong with files:
 *
 * - `"once"`: one operation that changes something fails
 * - `"enospc"`, `"eio"`: so it does, because there is no space, or because of the device
 * - `"torn"`: one write is done in part, as there is no space for the rest
 * - `"full"`: from some operation on there is no space for anything new
 * - `"freed"`: so there is, until a file is removed
 * - `"gone"`: from some operation on nothing can be changed any more
 * - `"read"`: one operation that only looks fails
 * - `"short"`: the device takes and gives fewer bytes at a time than asked for
 * - `"lie"`: one sync or rename is done as far as anybody can see, but not on the disk
 */
export type Fault = "once" | "enospc" | "eio" | "torn" | "full" | "freed" | "gone" | "read" | "short" | "lie";
export const FAULTS: readonly Fault[] = ["once", "torn", "full", "freed", "gone", "read", "short", "lie"];

/** What changes nothing. */
export const LOOKS: readonly FaultyKind[] = ["open", "read", "list"];
/** What takes space. */
export const GROWING: readonly FaultyKind[] = ["create", "write", "link", "makeDirectory"];
const FREEING: readonly FaultyKind[] = ["remove", "removeDirectory", "truncate"];
const LYING: readonly FaultyKind[] = ["sync", "replace", "syncDirectory"];

/** Has a fault happen from the operation with this number on, counted from now. Returns whether it has happened. */
export function inject(files: FaultyFiles, fault: Fault, after: number, random: Random): () => FaultyOperation | null {
  let happened: FaultyOperation | null = null;
  let isOver = false;
  const first = (fault === "read" ? files.reads : files.operations) + after;
  const fail = (operation: FaultyOperation, code: string) => {
    happened ??= operation;
    return Object.assign(new Error(`${code}: "${operation.path}"`), { code });
  };
  files.fail = (operation) => {
    const { kind, path, count, length } = operation;
    const isLook = LOOKS.includes(kind);
    if (fault === "short") {
      if (kind !== "read" && kind !== "write" || length < 2 || random.below(3) !== 0) return;
      happened ??= operation;
      return 1 + random.below(length - 1);
    }
    if (isLook !== (fault === "read") || count < first || isOver) return;
    switch (fault) {
      case "read":
      case "eio":
        isOver = true;
        return fail(operation, "EIO");
      case "enospc":
        isOver = true;
        return fail(operation, "ENOSPC");
      case "once":
        isOver = true;
        return fail(operation, random.pick(["EIO", "ENOSPC"]));
      case "torn":
        // The rest of a write is the operation behind it.
        if (happened !== null) isOver = true;
        else if (kind !== "write" || length < 2) return;
        if (isOver) return happened!.path === path && kind === "write" ? fail(operation, "ENOSPC") : undefined;
        happened = operation;
        return 1 + random.below(length - 1);
      case "freed":
        isOver = happened !== null && FREEING.includes(kind) && holdsSomething(files, path);
        return GROWING.includes(kind) ? fail(operation, "ENOSPC") : undefined;
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

/** Whether there is a file with that name, or in a directory of that name. */
function holdsSomething(files: FaultyFiles, path: string): boolean {
  return files.paths().some((name) => name === path || name.startsWith(`${path}/`));
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
