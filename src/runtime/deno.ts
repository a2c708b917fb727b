interface FlockedFile {
  tryLockSync(exclusive: boolean): boolean;
  close(): void;
}

interface Deno {
  openSync(path: string, options: { read: true; write?: boolean }): FlockedFile;
  build: { os: string };
}

/**
 * `flock`, which only Deno has, for files of any name: the system lets go of it when its process is gone, and it reaches
 * across namespaces. It can only tell that a process is there: files on a network may have it for each machine apart.
 */
export interface Flock {
  /** Holds a file until the function that comes back is called; `null` where somebody else does, or it cannot be told. */
  hold(path: string): (() => void) | null;
  /** Whether another one holds a file, for certain. */
  isHeld(path: string): boolean;
}

/** The `flock` of this runtime, or `null`. */
export function denoFlock(): Flock | null {
  const { Deno } = globalThis as { Deno?: Deno };
  // On Windows others could not even read a file that is locked.
  if (Deno === undefined || Deno.build.os === "windows") return null;

  return {
    hold(path) {
      return attempt(() => {
        const file = Deno.openSync(path, { read: true, write: true });
        if (attempt(() => file.tryLockSync(true)) === true) return () => file.close();
        file.close();
        return null;
      });
    },
    isHeld(path) {
      const isHeld = attempt(() => {
        const file = Deno.openSync(path, { read: true });
        // Shared, so that several processes that look at once do not take each other for the holder.
        const isFree = attempt(() => file.tryLockSync(false));
        file.close();
        return isFree === false;
      });
      return isHeld === true;
    },
  };
}

/** `null` where the file system has no locks, this version of Deno does not try, or it is not permitted. */
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
