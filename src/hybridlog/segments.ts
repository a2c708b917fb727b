import { quote } from "../errors.ts";
import type { FileSystem, MappedFile, OpenFile } from "../runtime/files.ts";
import { advance, bytesBetween, Grid, isOlder } from "./addresses.ts";
import { ioError } from "./io_error.ts";

/** Names of segment files: `<generation>-<number>.log`, both in hexadecimal. */
const SEGMENT_NAME = /^([0-9a-f]+)-([0-9a-f]+)\.log$/;
/** What is copied from file to file at a time. */
export const COPY_BYTES = 262_144;
/** What a disk that is damaged cannot read at a time, at least. */
const BLOCK_BYTES = 4096;
/** So many bytes are read faster by themselves than by way of the blocks of a view. */
const DIRECT_BYTES = 65_536;

/** The files of a log, each of `segmentBytes`. An address says which file, and where in it. */
export class Segments {
  readonly grid: Grid;
  readonly directory: string;
  readonly generation: number;
  readonly #files: FileSystem;
  #isToBeWritten = true;
  #isLenient = false;
  readonly #open = new Map<number, OpenFile>();
  /** Views of sealed segments; `null` while one is being made, or cannot be. */
  readonly #views = new Map<number, MappedFile | null>();
  /** Segments that end before this address are never written again. Before it is set, none is looked at through a view. */
  writtenUntil: number | null = null;
  /** How long files were when they were opened. */
  readonly #sizes = new Map<number, number>();
  /** Segments with bytes that may not be on the disk, with the number of the last write to them. */
  readonly #dirty = new Map<number, number>();
  #writes = 0;
  /** The same of names. */
  #newNames = 0;
  bytesWritten = 0;
  syncs = 0;

  constructor(files: FileSystem, directory: string, segmentBytes: number, generation: number) {
    this.#files = files;
    this.directory = directory;
    this.grid = new Grid(segmentBytes);
    this.generation = generation;
  }

  /** Opens the files there are. What cannot be read of those that are not to be written is given as zeros where `isLenient`. */
  async openAll(isToBeWritten: boolean, isLenient: boolean = false): Promise<void> {
    this.#isToBeWritten = isToBeWritten;
    this.#isLenient = isLenient;
    for (const name of await this.#files.list(this.directory)) {
      const match = SEGMENT_NAME.exec(name);
      if (match === null || parseInt(match[1], 16) !== this.generation) continue;
      const path = `${this.directory}/${name}`;
      const file = await (isToBeWritten ? this.#files.edit(path) : this.#files.open(path));
      const number = parseInt(match[2], 16);
      this.#open.set(number, file);
      this.#sizes.set(number, await file.size());
    }
  }

  /** Removes the files of other generations. */
  async removeOthers(): Promise<void> {
    for (const name of await this.#files.list(this.directory)) {
      const match = SEGMENT_NAME.exec(name);
      if (match === null || parseInt(match[1], 16) === this.generation) continue;
      await this.#files.remove(`${this.directory}/${name}`);
    }
  }

  /** The numbers of the segments there are, in no order. */
  numbers(): number[] {
    return [...this.#open.keys()];
  }

  nameOf(number: number): string {
    return `${this.generation.toString(16)}-${number.toString(16).padStart(5, "0")}.log`;
  }

  pathOf(number: number): string {
    return `${this.directory}/${this.nameOf(number)}`;
  }

  /** Where an address lies, for messages. */
  placeOf(address: number): string {
    return `file ${quote(this.pathOf(this.grid.numberOf(address)))} at offset ${this.grid.offsetOf(address)}`;
  }

  #fileFor(number: number): OpenFile {
    let file = this.#open.get(number);
    if (file === undefined) {
      if (!this.#isToBeWritten) throw new Error("the log is only to be read");
      file = this.#files.createSync(this.pathOf(number));
      this.#open.set(number, file);
      this.#newNames = ++this.#writes;
    }
    return file;
  }

  /** Writes bytes that lie in one segment. */
  async write(address: number, bytes: Uint8Array): Promise<void> {
    const number = this.grid.numberOf(address);
    this.#noteWrite(number, bytes);
    await this.#fileFor(number).write(bytes, this.grid.offsetOf(address));
    // A sync that began meanwhile may have come too early.
    this.#dirty.set(number, ++this.#writes);
  }

  writeSync(address: number, bytes: Uint8Array): void {
    const number = this.grid.numberOf(address);
    this.#noteWrite(number, bytes);
    this.#fileFor(number).writeSync(bytes, this.grid.offsetOf(address));
  }

  #noteWrite(number: number, bytes: Uint8Array): void {
    this.#dirty.set(number, ++this.#writes);
    this.bytesWritten += bytes.length;
  }

  /** Reads at most the rest of the segment; fewer bytes where its file ends. */
  readSync(address: number, into: Uint8Array): number {
    const number = this.grid.numberOf(address);
    if (this.#files.mapsDirectly === true && !this.#isLenient && this.#look(number, address, into)) return into.length;
    const file = this.#open.get(number);
    if (file === undefined) return 0;
    try {
      return file.readSync(into, this.grid.offsetOf(address));
    } catch (error) {
      if (this.#isLenient) return readAround(file, this.grid.offsetOf(address), into);
      throw ioError(`read ${this.placeOf(address)}`, error);
    }
  }

  /** The same for reads one behind another, which go through a view of the segment. */
  readAlong(address: number, into: Uint8Array): number {
    const isLooked = into.length < DIRECT_BYTES && !this.#isLenient &&
      this.#look(this.grid.numberOf(address), address, into);
    return isLooked ? into.length : this.readSync(address, into);
  }

  /** Brings in what `readAlong` would have to wait for. */
  async readAhead(address: number, length: number): Promise<void> {
    try {
      await this.#views.get(this.grid.numberOf(address))?.load(this.grid.offsetOf(address), length);
    } catch (error) {
      throw ioError(`read ${this.placeOf(address)}`, error);
    }
  }

  /** Copies all of the bytes wanted out of the view of a sealed segment; false where there is none, or it ends before. */
  #look(number: number, address: number, into: Uint8Array): boolean {
    const view = this.#views.get(number);
    if (view === undefined) {
      if (this.#isSealed(number) && this.#open.has(number)) void this.#map(number);
      return false;
    }
    if (view === null) return false;
    try {
      const bytes = view.bytes(this.grid.offsetOf(address), into.length);
      if (bytes.length < into.length) return false;
      into.set(bytes);
      return true;
    } catch (error) {
      throw ioError(`read ${this.placeOf(address)}`, error);
    }
  }

  #isSealed(number: number): boolean {
    return this.writtenUntil !== null &&
      !isOlder(this.writtenUntil, this.grid.nextOf(this.grid.startOfNumber(number)));
  }

  async #map(number: number): Promise<void> {
    this.#views.set(number, null);
    try {
      const view = await this.#files.map(this.pathOf(number));
      if (this.#open.has(number)) this.#views.set(number, view);
      else view.close();
    } catch {
      // Reads do without.
    }
  }

  async read(address: number, into: Uint8Array): Promise<number> {
    const file = this.#open.get(this.grid.numberOf(address));
    if (file === undefined) return 0;
    try {
      return await file.read(into, this.grid.offsetOf(address));
    } catch (error) {
      throw ioError(`read ${this.placeOf(address)}`, error);
    }
  }

  /** Resolves when all that was written before the call is on the disk. */
  async sync(): Promise<void> {
    const writes = this.#writes;
    this.syncs++;
    await Promise.all([...this.#dirty.keys()].map((number) => this.#open.get(number)?.sync()));
    if (this.#newNames > 0) await this.#files.syncDirectory(this.directory);
    this.#noteSynced(writes);
  }

  syncSync(): void {
    this.syncs++;
    for (const number of this.#dirty.keys()) this.#open.get(number)?.syncSync();
    if (this.#newNames > 0) this.#files.syncDirectorySync(this.directory);
    this.#noteSynced(this.#writes);
  }

  /** Only what is on the disk leaves the list: a blocking sync must not count on one that is still under way. */
  #noteSynced(writes: number): void {
    for (const [number, write] of this.#dirty) if (write <= writes) this.#dirty.delete(number);
    if (this.#newNames <= writes) this.#newNames = 0;
  }

  /** How many bytes there were behind `address` when the files were opened. */
  bytesAfter(address: number): number {
    const start = this.grid.startOf(address);
    let bytes = 0;
    for (const [number, size] of this.#sizes) {
      const segment = this.grid.startOfNumber(number);
      if (segment === start) bytes += Math.max(0, size - this.grid.offsetOf(address));
      else if (isOlder(start, segment)) bytes += size;
    }
    return bytes;
  }

  /** Removes what lies behind `address`. */
  async cut(address: number): Promise<void> {
    const start = this.grid.startOf(address);
    for (const number of this.numbers()) {
      const segment = this.grid.startOfNumber(number);
      if (isOlder(start, segment) || segment === start && this.grid.offsetOf(address) === 0) await this.remove(number);
      else if (segment === start) await this.truncate(number, this.grid.offsetOf(address));
    }
  }

  /** Removes the segments that end at or before `address`, the oldest first. */
  async removeBefore(address: number): Promise<void> {
    const start = this.grid.startOf(address);
    const old = this.numbers().filter((number) => isOlder(this.grid.startOfNumber(number), start));
    old.sort((a, b) => isOlder(this.grid.startOfNumber(a), this.grid.startOfNumber(b)) ? -1 : 1);
    for (const number of old) await this.remove(number);
    if (old.length > 0) await this.#files.syncDirectory(this.directory);
  }

  /** Cuts a segment's file. */
  async truncate(number: number, bytes: number): Promise<void> {
    await this.#open.get(number)?.truncate(bytes);
    this.#dirty.set(number, ++this.#writes);
  }

  /** Writes what lies in [from, until) once more as it is. */
  async writeAgain(from: number, until: number): Promise<void> {
    const buffer = new Uint8Array(COPY_BYTES);
    for (let at = from; isOlder(at, until);) {
      const left = Math.min(bytesBetween(at, until), this.grid.bytes - this.grid.offsetOf(at), COPY_BYTES);
      const length = await this.read(at, buffer.subarray(0, left));
      if (length > 0) await this.write(at, buffer.subarray(0, length));
      at = advance(at, left);
    }
  }

  /** Has everything from `address` on on the disk, names and all: what a process that was killed has written may not be. */
  async syncFrom(address: number): Promise<void> {
    const start = this.grid.startOf(address);
    for (const number of this.numbers()) {
      if (!isOlder(this.grid.startOfNumber(number), start)) this.#dirty.set(number, ++this.#writes);
    }
    this.#newNames = ++this.#writes;
    await this.sync();
  }

  async remove(number: number): Promise<void> {
    const file = this.#open.get(number);
    if (file === undefined) return;
    this.#open.delete(number);
    this.#dirty.delete(number);
    this.#views.get(number)?.close();
    this.#views.delete(number);
    await file.close();
    await this.#files.remove(this.pathOf(number));
  }

  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const view of this.#views.values()) view?.close();
    this.#views.clear();
    const results = await Promise.allSettled(files.map((file) => file.close()));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}

/** Reads block by block, with zeros for those that cannot be read. */
function readAround(file: OpenFile, start: number, into: Uint8Array): number {
  let done = 0;
  while (done < into.length) {
    const end = Math.min(into.length, done + BLOCK_BYTES - (start + done) % BLOCK_BYTES);
    const block = into.subarray(done, end);
    try {
      const count = file.readSync(block, start + done);
      done += count;
      if (count < block.length) break;
    } catch {
      block.fill(0);
      done = end;
    }
  }
  return done;
}
