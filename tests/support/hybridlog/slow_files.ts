import type { FileSystem, Lock, MappedFile, OpenFile } from "../../../src/runtime/files.ts";
import { pause } from "../../../src/runtime/pause.ts";
import type { Random } from "../random.ts";

/** How many turns an awaited operation takes before it is begun, and again before it is answered. */
const TURNS = [0, 0, 0, 1, 1, 2, 5, 12];

/** Files of which awaited operations take their time, as much as chance has it, and end in any order. Blocking ones take none. */
export class SlowFiles implements FileSystem {
  readonly mapsDirectly: boolean;
  readonly #files: FileSystem;
  readonly #random: Random;

  constructor(files: FileSystem, random: Random) {
    this.#files = files;
    this.#random = random;
    this.mapsDirectly = files.mapsDirectly ?? false;
  }

  open(path: string): Promise<OpenFile> {
    return this.#slowly(async () => this.#handle(await this.#files.open(path)));
  }

  edit(path: string): Promise<OpenFile> {
    return this.#slowly(async () => this.#handle(await this.#files.edit(path)));
  }

  create(path: string): Promise<OpenFile> {
    return this.#slowly(async () => this.#handle(await this.#files.create(path)));
  }

  createSync(path: string): OpenFile {
    return this.#handle(this.#files.createSync(path));
  }

  replace(from: string, to: string): Promise<void> {
    return this.#slowly(() => this.#files.replace(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return this.#slowly(() => this.#files.link(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#slowly(() => this.#files.remove(path));
  }

  removeDirectory(path: string): Promise<void> {
    return this.#slowly(() => this.#files.removeDirectory(path));
  }

  makeDirectory(path: string): Promise<void> {
    return this.#slowly(() => this.#files.makeDirectory(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#slowly(() => this.#files.syncDirectory(path));
  }

  syncDirectorySync(path: string): void {
    this.#files.syncDirectorySync(path);
  }

  list(directory: string): Promise<string[]> {
    return this.#slowly(() => this.#files.list(directory));
  }

  readText(path: string): Promise<string> {
    return this.#slowly(() => this.#files.readText(path));
  }

  lock(directory: string): Promise<Lock> {
    return this.#slowly(() => this.#files.lock(directory));
  }

  async map(path: string): Promise<MappedFile> {
    const file = await this.#slowly(() => this.#files.map(path));
    return {
      size: file.size,
      bytes: (position, length) => file.bytes(position, length),
      load: async (position, length) => {
        await file.load(position, length);
        await this.#wait();
      },
      close: () => file.close(),
    };
  }

  #handle(file: OpenFile): OpenFile {
    const underWay = new Set<Promise<unknown>>();
    let isClosed = false;
    const during = async <T>(run: () => Promise<T>): Promise<T> => {
      if (isClosed) throw Object.assign(new Error("EBADF: the file has been closed"), { code: "EBADF" });
      const ends = this.#slowly(run);
      underWay.add(ends);
      try {
        return await ends;
      } finally {
        underWay.delete(ends);
      }
    };
    return {
      read: (into, position) => during(() => file.read(into, position)),
      readSync: (into, position) => file.readSync(into, position),
      write: (bytes, position) => during(() => file.write(bytes, position)),
      writeSync: (bytes, position) => file.writeSync(bytes, position),
      sync: () => during(() => file.sync()),
      syncSync: () => file.syncSync(),
      truncate: (length) => during(() => file.truncate(length)),
      size: () => during(() => file.size()),
      close: async () => {
        isClosed = true;
        await Promise.allSettled(underWay);
        await file.close();
      },
    };
  }

  async #slowly<T>(run: () => Promise<T>): Promise<T> {
    await this.#wait();
    const result = await run();
    await this.#wait();
    return result;
  }

  async #wait(): Promise<void> {
    for (let turns = this.#random.pick(TURNS); turns > 0; turns--) await pause();
  }
}
