import type { OpenFile } from "./files.ts";

type NodeFs = typeof import("node:fs");
type Done<T> = (error: Error | null, value: T) => void;

/**
 * A file over a descriptor. The callbacks of `node:fs` cost Node a quarter of what its `FileHandle` does when many reads
 * are under way, and a descriptor serves the blocking calls as well.
 */
export function openFile(fs: NodeFs, descriptor: number): OpenFile {
  let underWay = 0;
  let closed: Promise<void> | undefined;
  let whenIdle: (() => void) | undefined;

  // The number of a closed descriptor goes to the next file that is opened, and whoever uses it then reads or writes
  // that one. So nothing gets through after close, and the descriptor is closed when the last call is done with it.
  function check(): void {
    if (closed !== undefined) {
      throw Object.assign(new Error("EBADF: the file has been closed"), { code: "EBADF" });
    }
  }

  async function during<T>(run: () => Promise<T>): Promise<T> {
    check();
    underWay++;
    try {
      return await run();
    } finally {
      if (--underWay === 0) whenIdle?.();
    }
  }

  async function close(): Promise<void> {
    if (underWay > 0) await new Promise<void>((resolve) => whenIdle = resolve);
    await called((done: Done<void>) => fs.close(descriptor, done as (error?: Error | null) => void));
  }

  return {
    read: (into, position) =>
      during(async () => {
        let done = 0;
        while (done < into.length) {
          const count = await called((answer: Done<number>) =>
            fs.read(descriptor, into, done, into.length - done, position + done, answer)
          );
          if (count === 0) break;
          done += count;
        }
        return done;
      }),
    readSync(into, position) {
      check();
      let done = 0;
      while (done < into.length) {
        const count = fs.readSync(descriptor, into, done, into.length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    },
    write: (bytes, position) =>
      during(async () => {
        let done = 0;
        while (done < bytes.length) {
          const count = await called((answer: Done<number>) =>
            fs.write(descriptor, bytes, done, bytes.length - done, position + done, answer)
          );
          done += progress(count, bytes.length - done);
        }
      }),
    writeSync(bytes, position) {
      check();
      let done = 0;
      while (done < bytes.length) {
        const count = fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
        done += progress(count, bytes.length - done);
      }
    },
    sync: () => during(() => called((done: Done<void>) => fs.fdatasync(descriptor, done as (error: unknown) => void))),
    syncSync() {
      check();
      fs.fdatasyncSync(descriptor);
    },
    truncate: (length) =>
      during(() => called((done: Done<void>) => fs.ftruncate(descriptor, length, done as (error: unknown) => void))),
    size: () => during(async () => (await called((done: Done<{ size: number }>) => fs.fstat(descriptor, done))).size),
    close: () => closed ??= close(),
  };
}

/** What a function answers that calls back. */
export function called<T>(run: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    run((error, value) => error === null || error === undefined ? resolve(value) : reject(error))
  );
}

/** A device that takes nothing and reports no error would be asked for ever. */
function progress(count: number, wanted: number): number {
  if (count > 0) return count;
  throw Object.assign(new Error(`EIO: the device took 0 of ${wanted} bytes`), { code: "EIO" });
}
