import { StorageError } from "../../src/errors.ts";
import type { FileSystem, Lock, MappedFile, OpenFile } from "../../src/runtime/files.ts";
import { pause } from "../../src/runtime/pause.ts";
import { Inode, SECTOR_BYTES, type Survival } from "./faulty_inode.ts";
import { directoryOf, Names, normal } from "./faulty_names.ts";
import { Random } from "./random.ts";

/** What operations throw from the moment on that the power is gone. */
export class PowerLoss extends Error {
  override readonly name: string = "PowerLoss";

  constructor() {
    super("the power is gone");
  }
}

/** What changes files, and what only looks at them. */
export type FaultyKind =
  | "create"
  | "write"
  | "truncate"
  | "sync"
  | "replace"
  | "link"
  | "remove"
  | "makeDirectory"
  | "removeDirectory"
  | "syncDirectory"
  | "open"
  | "read"
  | "list";

/** What is about to be done. */
export interface FaultyOperation {
  readonly kind: FaultyKind;
  /** The one that comes to be, where there are two. */
  readonly path: string;
  /** How many bytes are read, or are left to write. */
  readonly length: number;
  /** Its number, from 1: `operations` or `reads` as of now. */
  readonly count: number;
}

/**
 * Makes an operation fail with an error. A sync that failed forgets what it had to write: no later one will write it.
 *
 * A number for a write or a read is how many bytes the device takes or gives at once; the rest is asked for again, as an
 * operation of its own. For anything else it means that the disk lies: it is done, and shown, but not on the disk.
 */
export type Fail = (operation: FaultyOperation) => Error | number | undefined | void;

export interface FaultyOptions {
  /** Decides all that is random. */
  readonly seed?: number;
  /** Lets sectors of removed files show up where the power went before a sector was written. */
  readonly showsLeftovers?: boolean;
  /** Maps files as Bun does: what is looked at are the bytes of the file themselves, and no error comes of it. */
  readonly mapsDirectly?: boolean;
}

const READS: readonly FaultyKind[] = ["open", "read", "list"];
const LEFTOVERS = 64;

/**
 * Files in memory, on a disk that loses what was not synced:
 *
 * - What is written is kept sector by sector until the file is synced. Names are kept until their directory is.
 * - `crash()` is what a machine finds after a power loss at this moment: of what was not synced nothing, everything, or
 *   something of it, torn and out of order. `killed()` is what a process finds after the one before it was killed.
 *   Neither changes these files, so one run can be crashed at any number of moments.
 * - `crashAt` turns the power off at an operation, `fail` makes single ones fail.
 * - Awaited operations happen some time between the call and its answer, in any order; blocking ones happen at once.
 */
export class FaultyFiles implements FileSystem {
  /** How many operations there were that change something. */
  operations = 0;
  /** How many there were that do not. */
  reads = 0;
  /** The power goes at this operation, from 1: it and all that follow throw `PowerLoss`. */
  crashAt: number = Infinity;
  /** Makes operations fail. */
  fail: Fail | undefined;
  readonly mapsDirectly: boolean;

  readonly #showsLeftovers: boolean;
  readonly #schedule: Random;
  readonly #random: Random;
  #names = new Names();
  #leftovers: Uint8Array[] = [];
  #isOff = false;
  readonly #underWay = new Set<{ inode: Inode; bytes: Uint8Array; position: number }>();
  readonly #locked = new Set<string>();
  /** What a mapped file gave last, which is not good any more with the next call. */
  #lastView = new Uint8Array(0);

  constructor(options: FaultyOptions = {}) {
    const seed = options.seed ?? 1;
    this.#schedule = new Random(Math.imul(seed + 1, 0x9e3779b1));
    this.#random = new Random(Math.imul(seed + 1, 0x85ebca6b));
    this.#showsLeftovers = options.showsLeftovers ?? false;
    this.mapsDirectly = options.mapsDirectly ?? false;
  }

  /** What is there after a power loss at this moment. */
  crash(survival: Survival = this.#random.pick(["nothing", "everything", "mix", "mix"])): FaultyFiles {
    const before = this.killed();
    const found = this.#successor();
    const inodes = new Map<Inode, Inode>();
    found.#names = before.#names.afterPowerLoss(this.#random, survival, (inode) => {
      if (!inodes.has(inode)) {
        inodes.set(inode, inode.afterPowerLoss(this.#random, survival, this.#showsLeftovers ? this.#leftovers : []));
      }
      return inodes.get(inode)!;
    });
    return found;
  }

  /** What is there after the process was killed at this moment: all that was written, and no locks. */
  killed(): FaultyFiles {
    const found = this.#successor();
    const inodes = new Map<Inode, Inode>();
    const clone = (inode: Inode): Inode => {
      if (!inodes.has(inode)) inodes.set(inode, inode.clone());
      return inodes.get(inode)!;
    };
    found.#names = this.#names.clone(clone);
    for (const { inode, bytes, position } of this.#underWay) {
      clone(inode).write(bytes.subarray(0, this.#piece(bytes.length, position)), position);
    }
    return found;
  }

  /** The files there are, in order. */
  paths(): string[] {
    return this.#names.paths();
  }

  /** What is in a file. */
  contents(path: string): Uint8Array<ArrayBuffer> {
    const inode = this.#find(path);
    const bytes = new Uint8Array(inode.length);
    inode.read(bytes, 0);
    return bytes;
  }

  /** Flips the bits of `mask` in a byte, also on the disk. */
  flip(path: string, position: number, mask: number): void {
    this.#find(path).flip(position, mask);
  }

  open(path: string): Promise<OpenFile> {
    return this.#eventually(() => {
      this.#operate("open", path);
      return this.#handle(path, this.#find(path), false);
    });
  }

  edit(path: string): Promise<OpenFile> {
    return this.#eventually(() => {
      this.#operate("open", path);
      return this.#handle(path, this.#find(path), true);
    });
  }

  create(path: string): Promise<OpenFile> {
    return this.#eventually(() => this.createSync(path));
  }

  createSync(path: string): OpenFile {
    const inode = new Inode();
    const create = () => {
      this.#checkIsNew(path);
      this.#names.add(normal(path), inode);
    };
    this.#operate("create", path, 0, create);
    create();
    return this.#handle(path, inode, true);
  }

  async replace(from: string, to: string): Promise<void> {
    const isReal = await this.#eventually(() => {
      const rename = () => {
        this.#find(from);
        this.#checkDirectory(directoryOf(normal(to)));
        const replaced = this.#names.get(normal(to));
        this.#names.rename(normal(from), normal(to));
        this.#free(replaced);
      };
      const isReal = this.#operate("replace", to, 0, rename) === undefined;
      rename();
      return isReal;
    });
    if (this.#isOff) throw new PowerLoss();
    if (isReal) this.#names.sync(directoryOf(normal(to)));
    await this.#delay();
  }

  link(from: string, to: string): Promise<void> {
    return this.#eventually(() => {
      const link = () => {
        const inode = this.#find(from);
        this.#checkIsNew(to);
        this.#names.add(normal(to), inode);
      };
      this.#operate("link", to, 0, link);
      link();
    });
  }

  remove(path: string): Promise<void> {
    return this.#eventually(() => {
      const remove = () => {
        const inode = this.#names.get(normal(path));
        this.#names.remove(normal(path));
        this.#free(inode);
      };
      this.#operate("remove", path, 0, remove);
      remove();
    });
  }

  removeDirectory(path: string): Promise<void> {
    return this.#eventually(() => {
      const remove = () => this.#names.removeDirectory(normal(path));
      this.#operate("removeDirectory", path, 0, remove);
      remove();
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.#eventually(() => {
      const make = () => {
        if (this.#names.get(normal(path)) !== undefined) throw fileError("EEXIST", path);
        this.#names.makeDirectory(normal(path));
      };
      this.#operate("makeDirectory", path, 0, make);
      make();
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#eventually(() => this.syncDirectorySync(path));
  }

  syncDirectorySync(path: string): void {
    const isReal = this.#operate("syncDirectory", path) === undefined;
    this.#checkDirectory(normal(path));
    if (isReal) this.#names.sync(normal(path));
  }

  list(directory: string): Promise<string[]> {
    return this.#eventually(() => {
      this.#operate("list", directory);
      this.#checkDirectory(normal(directory));
      return this.#names.list(normal(directory));
    });
  }

  readText(path: string): Promise<string> {
    return this.#eventually(() => {
      const length = this.#find(path).length;
      this.#operate("read", path, length);
      return new TextDecoder().decode(this.contents(path));
    });
  }

  map(path: string): Promise<MappedFile> {
    return this.#eventually(() => {
      this.#operate("open", path);
      return this.#mapped(path, this.#find(path));
    });
  }

  lock(directory: string): Promise<Lock> {
    return this.#eventually(() => {
      if (this.#isOff) throw new PowerLoss();
      const path = normal(directory);
      this.#checkDirectory(path);
      if (this.#locked.has(path)) {
        throw new StorageError("LOCKED", `Cannot open storage: data directory "${directory}" is locked by process 1`);
      }
      this.#locked.add(path);
      return { release: () => this.#eventually(() => void this.#locked.delete(path)) };
    });
  }

  #handle(path: string, inode: Inode, isWritable: boolean): OpenFile {
    let isClosed = false;
    const check = (writes = false): void => {
      if (isClosed || writes && !isWritable) throw fileError("EBADF", path);
    };
    const read = (into: Uint8Array, position: number): number => this.#read(path, inode, into, position);
    const write = (bytes: Uint8Array, position: number): void => this.#write(path, inode, bytes, position);
    const sync = (): void => this.#sync(path, inode);
    return {
      read: async (into, position) => {
        check();
        return await this.#eventually(() => read(into, position));
      },
      readSync: (into, position) => {
        check();
        return read(into, position);
      },
      write: async (bytes, position) => {
        check(true);
        const underWay = { inode, bytes, position };
        this.#underWay.add(underWay);
        await this.#eventually(() => {
          // What is under way when the power goes stays so, and may be found on the disk.
          if (this.#isOff) throw new PowerLoss();
          this.#underWay.delete(underWay);
          write(bytes, position);
        });
      },
      writeSync: (bytes, position) => {
        check(true);
        write(bytes, position);
      },
      sync: async () => {
        check();
        await this.#eventually(sync);
      },
      syncSync: () => {
        check();
        sync();
      },
      truncate: async (length) => {
        check(true);
        await this.#eventually(() => {
          const truncate = () => this.#leave(inode.truncate(length));
          this.#operate("truncate", path, length, truncate);
          truncate();
        });
      },
      size: async () => {
        check();
        return await this.#eventually(() => inode.length);
      },
      close: async () => {
        isClosed = true;
        await this.#delay();
      },
    };
  }

  #mapped(path: string, inode: Inode): MappedFile {
    let isClosed = false;
    const size = inode.length;
    const view = (position: number, length: number): Uint8Array => {
      if (isClosed) throw new Error("Cannot read mapped file: it has been closed");
      if (this.mapsDirectly) return this.#look(inode, position, Math.min(length, size - position));
      this.#lastView.fill(0xdb);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - position)));
      return this.#lastView = bytes.subarray(0, this.#read(path, inode, bytes, position)) as Uint8Array<ArrayBuffer>;
    };
    return {
      size,
      bytes: view,
      load: async (position, length) => {
        const bytes = Math.max(0, Math.min(length, size - position));
        // A mapped file is brought in by reads, which may fail.
        const bring = () => void this.#read(path, inode, new Uint8Array(bytes), position);
        await this.#eventually(this.mapsDirectly ? bring : () => void view(position, length));
      },
      close: () => {
        isClosed = true;
      },
    };
  }

  /** What a mapped page shows is not asked of the disk again, so it neither counts nor fails. */
  #look(inode: Inode, position: number, length: number): Uint8Array {
    if (this.#isOff) throw new PowerLoss();
    return inode.view(position, Math.max(0, length));
  }

  #read(path: string, inode: Inode, into: Uint8Array, position: number): number {
    let done = 0;
    do {
      const limit = this.#operate("read", path, into.length - done);
      const count = inode.read(into.subarray(done, limit === undefined ? undefined : done + limit), position + done);
      if (count === 0) break;
      done += count;
    } while (done < into.length);
    return done;
  }

  #write(path: string, inode: Inode, bytes: Uint8Array, position: number): void {
    let done = 0;
    do {
      const at = position + done;
      const rest = bytes.subarray(done);
      const limit = this.#operate(
        "write",
        path,
        rest.length,
        () => inode.write(rest.subarray(0, this.#piece(rest.length, at)), at),
      );
      if (limit === 0) throw fileError("EIO", path);
      const part = rest.subarray(0, limit);
      inode.write(part, at);
      done += part.length;
    } while (done < bytes.length);
  }

  #sync(path: string, inode: Inode): void {
    let answer: number | undefined;
    try {
      answer = this.#operate("sync", path);
    } catch (error) {
      if (!this.#isOff) inode.syncFails();
      throw error;
    }
    if (answer === undefined) inode.sync();
  }

  /**
   * Counts an operation, and asks whether it is to fail. When the power goes, `half` does what may be done of it. The
   * answer is that of `fail`, if it is a number.
   */
  #operate(kind: FaultyKind, path: string, length = 0, half?: () => void): number | undefined {
    if (this.#isOff) throw new PowerLoss();
    const isRead = READS.includes(kind);
    const count = isRead ? ++this.reads : ++this.operations;
    if (!isRead && count >= this.crashAt) {
      this.#isOff = true;
      try {
        if (this.#random.below(2) === 0) half?.();
      } catch {
        // It would have failed anyway.
      }
      throw new PowerLoss();
    }
    const answer = this.fail?.({ kind, path, length, count });
    if (answer instanceof Error) throw answer;
    return answer ?? undefined;
  }

  /** Some first part of a write, up to a sector's end. */
  #piece(length: number, position: number): number {
    const end = position + this.#random.below(length + SECTOR_BYTES);
    return Math.max(0, Math.min(length, end - end % SECTOR_BYTES - position));
  }

  async #eventually<T>(run: () => T): Promise<T> {
    await this.#delay();
    const result = run();
    await this.#delay();
    return result;
  }

  async #delay(): Promise<void> {
    for (let i = this.#schedule.below(6); i > 0; i--) await null;
    if (this.#schedule.below(32) === 0) await pause();
  }

  #successor(): FaultyFiles {
    const next = new FaultyFiles({
      seed: this.#random.below(2 ** 31),
      showsLeftovers: this.#showsLeftovers,
      mapsDirectly: this.mapsDirectly,
    });
    next.#leftovers = [...this.#leftovers];
    return next;
  }

  #find(path: string): Inode {
    const inode = this.#names.get(normal(path));
    if (inode === undefined) throw fileError(this.#names.isDirectory(normal(path)) ? "EISDIR" : "ENOENT", path);
    return inode;
  }

  #checkIsNew(path: string): void {
    this.#checkDirectory(directoryOf(normal(path)));
    const isThere = this.#names.get(normal(path)) !== undefined || this.#names.isDirectory(normal(path));
    if (isThere) throw fileError("EEXIST", path);
  }

  #checkDirectory(path: string): void {
    if (!this.#names.isDirectory(path)) throw fileError(this.#names.get(path) ? "ENOTDIR" : "ENOENT", path);
  }

  /** Keeps some of the sectors of a file that has no name any more. */
  #free(inode: Inode | undefined): void {
    if (inode !== undefined && !this.#names.isNamed(inode)) this.#leave(inode.sectors());
  }

  #leave(sectors: readonly Uint8Array[]): void {
    if (!this.#showsLeftovers) return;
    for (const sector of sectors) {
      if (this.#leftovers.length < LEFTOVERS) this.#leftovers.push(sector);
      else this.#leftovers[this.#random.below(LEFTOVERS)] = sector;
    }
  }
}

function fileError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: "${path}"`), { code });
}
