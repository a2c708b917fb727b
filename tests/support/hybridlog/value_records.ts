import { isNode, liveRecords, type LogRecord } from "./log_reader.ts";

// Which records the value of a key consists of, as docs/format.md describes it. Shares no code with the store.

const KIND_STRING = 1;
const KIND_CHUNKED = 2;
const FOREST = 254;
const NODE_HEADER_BYTES = 8;
const REFERENCE_BYTES = 16;
const BLOB = 0xff;
const BLOB_STRING_BYTES = 11;
/** A longer blob is cut into chunks. */
const BLOB_RECORD_BYTES = 65_536;
const CHUNK_BYTES = 16_352;

/** By their keys, as `LogRecord` has them, the records of all that a log holds: first the one of the key, then the others. */
export function recordsByKey(
  records: readonly LogRecord[],
  bytesOf: (record: LogRecord) => Uint8Array,
): Map<string, LogRecord[]> {
  const live = liveRecords(records);
  const nodes = new Map(live.filter(isNode).map((record) => [record.key, record]));
  const roots = live.filter((record) => !isNode(record));
  return new Map(roots.map((root) => [root.key, new Walk(nodes, bytesOf).from(root)]));
}

/** The way through a value, from its root to all that it consists of. */
class Walk {
  readonly #nodes: ReadonlyMap<string, LogRecord>;
  readonly #bytesOf: (record: LogRecord) => Uint8Array;
  readonly #found: LogRecord[] = [];

  constructor(nodes: ReadonlyMap<string, LogRecord>, bytesOf: (record: LogRecord) => Uint8Array) {
    this.#nodes = nodes;
    this.#bytesOf = bytesOf;
  }

  from(root: LogRecord): LogRecord[] {
    this.#found.push(root);
    const value = this.#bytesOf(root);
    const view = viewOf(value);
    if (root.kind === KIND_STRING) return this.#found;
    if (root.kind === KIND_CHUNKED) this.#chunks(view.getBigUint64(8, true), view.getUint32(4, true));
    else if (value[0] !== FOREST) this.#node(value);
    else for (let i = 0; i < view.getUint16(2, true); i++) this.#child(value, 8 + i * REFERENCE_BYTES);
    return this.#found;
  }

  #node(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    const level = bytes[0];
    const headBytes = bytes[1] & 15;
    const strings = level > 0 ? 1 : bytes[1] >> 4 & 7;
    const slotBytes = headBytes + 2 + (level > 0 ? REFERENCE_BYTES : 0);
    for (let i = 0; i < view.getUint16(2, true); i++) {
      const slot = NODE_HEADER_BYTES + i * slotBytes;
      // The bound of the first child means nothing.
      if (level === 0 || i > 0) this.#cell(bytes, view.getUint16(slot + headBytes, true), strings);
      if (level > 0) this.#child(bytes, slot + headBytes + 2);
    }
  }

  #child(bytes: Uint8Array, reference: number): void {
    const record = this.#record(objectAt(bytes, reference + 4), 0);
    if (record !== undefined) this.#node(this.#bytesOf(record));
  }

  #cell(bytes: Uint8Array, cell: number, strings: number): void {
    if (cell === 0) return;
    for (let i = 0; i < strings; i++) {
      const first = bytes[cell];
      if (first === BLOB) {
        const length = viewOf(bytes).getUint32(cell + 1, true);
        this.#chunks(objectAt(bytes, cell + 5), length <= BLOB_RECORD_BYTES ? 1 : Math.ceil(length / CHUNK_BYTES));
        cell += BLOB_STRING_BYTES;
      } else cell += first < 0x80 ? 1 + first : 2 + ((first & 0x7f) << 8 | bytes[cell + 1]);
    }
  }

  #chunks(object: bigint, count: number): void {
    for (let i = 0; i < count; i++) this.#record(object, i);
  }

  /** A part of an object. What a damaged or half-written value names may not be there. */
  #record(object: bigint, index: number): LogRecord | undefined {
    const id = new Uint8Array(8);
    viewOf(id).setBigUint64(0, object * 65_536n + BigInt(index), true);
    const record = this.#nodes.get(String.fromCharCode(...id));
    if (record === undefined) throw new Error(`part ${index} of object ${object} is not in the log`);
    this.#found.push(record);
    return record;
  }
}

function objectAt(bytes: Uint8Array, offset: number): bigint {
  const view = viewOf(bytes);
  return BigInt(view.getUint32(offset, true)) | BigInt(view.getUint16(offset + 4, true)) << 32n;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
