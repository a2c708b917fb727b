/** A file that is open. Positions are in bytes from its start. */
export interface OpenFile {
  /** Reads into the whole of `into`; fewer bytes come only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Writes all of `bytes` before it returns. */
  writeSync(bytes: Uint8Array, position: number): void;
  /** Resolves when everything written is on the disk. */
  sync(): Promise<void>;
  /** How long the file is. */
  size(): Promise<number>;
  close(): Promise<void>;
}

/** The files of a runtime. Errors are the runtime's own, with a `code` such as `"ENOENT"`. */
export interface FileSystem {
  /** Opens a file to read it. */
  open(path: string): Promise<OpenFile>;
  /** Creates a file to write it; fails when it exists. */
  create(path: string): Promise<OpenFile>;
  /** Renames a file over whatever has the new name, and makes that last: the directory is synced. */
  replace(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  readText(path: string): Promise<string>;
}
