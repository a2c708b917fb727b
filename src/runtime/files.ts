/**
 * A file that is open. Positions are in bytes from its start, and every read and write names one, so any number of them
 * may be under way at once. `close` lets them end.
 */
export interface OpenFile {
  /** Reads into the whole of `into`, which must not lie in a WebAssembly memory; fewer bytes come only at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** The same before it returns. `into` may lie in a WebAssembly memory. */
  readSync(into: Uint8Array, position: number): number;
  /** Writes all of `bytes`, which must not change before it resolves. After an error some of them may be written. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Writes all of `bytes` before it returns. */
  writeSync(bytes: Uint8Array, position: number): void;
  /** Resolves when everything written by then is on the disk, with the length of the file, but not with its name. */
  sync(): Promise<void>;
  /** The same before it returns. */
  syncSync(): void;
  /** Cuts the file, or extends it with zeros. */
  truncate(length: number): Promise<void>;
  /** How long the file is. */
  size(): Promise<number>;
  close(): Promise<void>;
}

/** A read-only view of a file that is not written any more. */
export interface MappedFile {
  /** How long the file was when it was mapped. */
  readonly size: number;
  /**
   * The bytes from `position` on, at most `length`, fewer only at the end of the file. It is a view, not to be written,
   * and good until the next call on any mapped file: it is used before anything is awaited. Blocks for what is not in
   * memory.
   */
  bytes(position: number, length: number): Uint8Array;
  /** Brings in what `bytes` would have to wait for, as far as there is room: a megabyte, say. */
  load(position: number, length: number): Promise<void>;
  /** Views end here. */
  close(): void;
}

/** A directory that is taken, until it is released or the process is gone. */
export interface Lock {
  /** Lets others have it. */
  release(): Promise<void>;
}

/** The files of a runtime. Errors are the runtime's own, with a `code` such as `"ENOENT"`. */
export interface FileSystem {
  /** Opens a file to read it. */
  open(path: string): Promise<OpenFile>;
  /** Creates a file to read and write it; fails with `EEXIST` when it exists. */
  create(path: string): Promise<OpenFile>;
  /** The same before it returns. */
  createSync(path: string): OpenFile;
  /** Opens a file that exists to read and write it. */
  edit(path: string): Promise<OpenFile>;
  /** Renames a file over whatever has the new name, and makes that last: the directory is synced. */
  replace(from: string, to: string): Promise<void>;
  /** Gives a file a second name. Fails with `EXDEV` across devices, and where there are no hard links. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
  /** Removes a directory with all that is in it, if there is one. */
  removeDirectory(path: string): Promise<void>;
  /** Makes a directory with its parents, unless they exist, and makes that last. */
  makeDirectory(path: string): Promise<void>;
  /** Resolves when the names in a directory are on the disk: what was created, linked, renamed, removed. */
  syncDirectory(path: string): Promise<void>;
  /** The same before it returns. */
  syncDirectorySync(path: string): void;
  /** The names in a directory, in no order. */
  list(directory: string): Promise<string[]>;
  readText(path: string): Promise<string>;
  /** Whether `map` maps the file itself, so that looking at it costs less than a read. */
  readonly mapsDirectly?: boolean;
  /** A view of a file that is not written any more. */
  map(path: string): Promise<MappedFile>;
  /** Takes a directory for this process and this caller alone, or fails with `LOCKED`. */
  lock(directory: string): Promise<Lock>;
}
