import { Core, type CoreOptions } from "../core/core.ts";
import { BLOCK_BYTES, LOAD_CORRUPT, LOAD_NEEDS_FRAMES, LOADED } from "../core/layout.ts";
import type { Bytes } from "../engine.ts";
import { quote, StorageError } from "../errors.ts";
import type { FileSystem, OpenFile } from "../runtime/files.ts";
import { pause } from "../runtime/pause.ts";
import type { Drain, Space } from "./space.ts";

// A snapshot file, little-endian; docs/format.md has the details:
//
//   | "FERRSNAP" | version u32 | 0 u32 | created u64 ms | 0 u32 | checksum u32 |       32 bytes
//   | length u32 | records u32 | number u32 | checksum u32 | records … |              blocks, numbered from 0
//   | 0          | 0           | number u32 | checksum u32 |                          the end, exactly

const MAGIC = new TextEncoder().encode("FERRSNAP");
const VERSION = 2;
/** Version 1 is the same without collections. */
const OLDEST_VERSION = 1;
const FILE_HEADER_BYTES = 32;
const BLOCK_HEADER_BYTES = 16;

/** Writes the content of `space` as of now beside `path`, then puts it in its place. */
export async function writeSnapshot(space: Space, files: FileSystem, path: string): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await files.create(draft);
    try {
      await new SnapshotWriter(space, file).run();
      await file.sync();
    } finally {
      await file.close();
    }
    await files.replace(draft, path);
  } catch (error) {
    await files.remove(draft).catch(() => {}); // the error that counts is the first one
    if (error instanceof StorageError) throw error;
    throw new StorageError("UNAVAILABLE", `Cannot write snapshot ${quote(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Takes the records out of a core block by block. Writes to the store go on between blocks; one that needs the room of
 * records not taken yet calls `takeBlock` itself, and then the block is written at once. When a write to the file fails,
 * the rest is taken out all the same, for nobody, because the core must settle what it owes.
 */
class SnapshotWriter implements Drain {
  readonly #space: Space;
  readonly #core: Core;
  readonly #file: OpenFile;
  #position = FILE_HEADER_BYTES;
  #blocks = 0;
  #failure: { error: unknown } | null = null;

  constructor(space: Space, file: OpenFile) {
    this.#space = space;
    this.#core = space.core;
    this.#file = file;
  }

  async run(): Promise<void> {
    const { calls } = this.#core;
    const header = fileHeader(this.#core);
    calls.beginSnapshot();
    this.#space.drain = this;
    try {
      await this.#attempt(() => this.#file.write(header, 0));
      while (calls.isSnapshotDone() === 0) {
        const block = this.#nextBlock();
        if (block === null) await pause();
        else await this.#attempt(() => this.#file.write(block.bytes, block.position));
      }
    } finally {
      calls.endSnapshot();
      if (this.#space.drain === this) this.#space.drain = null;
    }
    await this.#attempt(() => this.#file.write(this.#blockHeader(0, 0), this.#position));
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Writes, unless a write has failed before. */
  async #attempt(write: () => Promise<void>): Promise<void> {
    if (this.#failure !== null) return await pause();
    try {
      await write();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  takeBlock(): boolean {
    if (this.#core.calls.isSnapshotDone() !== 0) return false;
    const block = this.#nextBlock();
    try {
      if (block !== null && this.#failure === null) this.#file.writeSync(block.bytes, block.position);
    } catch (error) {
      this.#failure ??= { error }; // the checkpoint's failure, not that of the write that waits for room
    }
    return true;
  }

  /** The next block with its place in the file, or `null` where a stretch of the log had nothing to save. */
  #nextBlock(): { bytes: Bytes; position: number } | null {
    const length = this.#core.calls.nextBlock();
    if (length === 0) return null;
    const bytes = new Uint8Array(BLOCK_HEADER_BYTES + length);
    bytes.set(this.#core.bytes.subarray(this.#core.scratch, this.#core.scratch + length), BLOCK_HEADER_BYTES);
    bytes.set(this.#blockHeader(length, this.#core.calls.blockRecords.value));
    const position = this.#position;
    this.#position += bytes.length;
    this.#blocks++;
    return { bytes, position };
  }

  #blockHeader(length: number, records: number): Bytes {
    return sealed(this.#core, [length, records, this.#blocks]);
  }
}

function fileHeader(core: Core): Bytes {
  const now = Date.now();
  const magic = new Uint32Array(MAGIC.slice().buffer);
  return sealed(core, [magic[0], magic[1], VERSION, 0, now % 2 ** 32, Math.floor(now / 2 ** 32), 0]);
}

/** Words and a checksum over them. Uses the scratch area. */
function sealed(core: Core, words: number[]): Bytes {
  const bytes = new Uint8Array(words.length * 4 + 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  view.setUint32(words.length * 4, checksumOf(core, bytes.subarray(0, words.length * 4)), true);
  return bytes;
}

function checksumOf(core: Core, bytes: Uint8Array): number {
  core.bytes.set(bytes, core.scratch);
  return core.calls.checksum(core.scratch, bytes.length) >>> 0;
}

/** Reads a snapshot into a core of its own. Nothing is touched when it is damaged or does not fit. */
export async function readSnapshot(files: FileSystem, path: string, options: CoreOptions): Promise<Core> {
  try {
    const file = await files.open(path);
    try {
      return await new SnapshotReader(file, path, new Core(options)).run();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError("UNAVAILABLE", `Cannot read snapshot ${quote(path)}: ${messageOf(error)}`, { cause: error });
  }
}

class SnapshotReader {
  readonly #file: OpenFile;
  readonly #path: string;
  readonly #core: Core;
  #position = 0;

  constructor(file: OpenFile, path: string, core: Core) {
    this.#file = file;
    this.#path = path;
    this.#core = core;
  }

  async run(): Promise<Core> {
    const magic = await this.#readSealed(FILE_HEADER_BYTES, "it does not start like a snapshot", true);
    const version = magic.getUint32(8, true);
    if (version < OLDEST_VERSION || version > VERSION) {
      const found = `it has format version ${version}, and this package reads ${OLDEST_VERSION} to ${VERSION}`;
      throw new StorageError("UNSUPPORTED", `Cannot read snapshot ${quote(this.#path)}: ${found}`);
    }
    for (let number = 0;; number++) {
      const start = this.#position;
      const header = await this.#readSealed(BLOCK_HEADER_BYTES, "a block header is damaged");
      const length = header.getUint32(0, true);
      if (header.getUint32(8, true) !== number) throw this.#corrupt(start, `block ${number} is missing`);
      if (length === 0) break;
      if (length > BLOCK_BYTES) throw this.#corrupt(start, "a block is too long");
      await this.#loadBlock(length, header.getUint32(4, true));
    }
    if ((await this.#file.size()) !== this.#position) throw this.#corrupt(this.#position, "bytes follow the end");
    return this.#core;
  }

  async #loadBlock(length: number, records: number): Promise<void> {
    const start = this.#position;
    const block = await this.#read(length);
    const core = this.#core;
    core.bytes.set(block, core.scratch);
    let answer = core.calls.loadBlock(length, false);
    while (answer === LOAD_NEEDS_FRAMES && core.grow(4)) answer = core.calls.loadBlock(length, true);
    if (answer === LOADED) {
      if (core.calls.blockRecords.value === records) return;
      throw this.#corrupt(start, `block has another number of records than ${records}`);
    }
    if (answer === LOAD_CORRUPT) throw this.#corrupt(start, "a record is damaged");
    throw new StorageError(
      "OUT_OF_MEMORY",
      `Cannot read snapshot ${quote(this.#path)}: it does not fit into this store; raise maxSize`,
    );
  }

  async #readSealed(length: number, problem: string, hasMagic = false): Promise<DataView> {
    const start = this.#position;
    const bytes = await this.#read(length);
    const view = new DataView(bytes.buffer);
    const isIntact = view.getUint32(length - 4, true) === checksumOf(this.#core, bytes.subarray(0, length - 4));
    if (!isIntact || hasMagic && MAGIC.some((byte, i) => bytes[i] !== byte)) throw this.#corrupt(start, problem);
    return view;
  }

  async #read(length: number): Promise<Bytes> {
    const bytes = new Uint8Array(length);
    if (await this.#file.read(bytes, this.#position) < length) throw this.#corrupt(this.#position, "it ends early");
    this.#position += length;
    return bytes;
  }

  #corrupt(offset: number, problem: string): StorageError {
    return new StorageError("CORRUPT", `Cannot read snapshot ${quote(this.#path)}: at byte ${offset}, ${problem}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
