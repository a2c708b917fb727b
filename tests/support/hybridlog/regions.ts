import type { FaultyFiles } from "../faulty_files.ts";
import {
  KIND_ACCOUNTS,
  KIND_CLEAR,
  KIND_COMMIT,
  KIND_NODE,
  KIND_PAD,
  KIND_TREE,
  type LogRecord,
} from "./log_reader.ts";

/** A stretch of a file that is all of the same sort. */
export interface Region {
  readonly path: string;
  /** What it is: regions of the same sort have the same name. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** The record that it is part of. */
  readonly record: LogRecord | null;
}

const HEADER_BYTES = 16;
const EXPIRY_BYTES = 8;
const RECLAIM = 255;

const NAMES: Record<number, string> = {
  1: "string",
  2: "chunked string",
  3: "list",
  4: "hash",
  5: "set",
  7: "sorted set",
  [KIND_NODE]: "part",
  [KIND_TREE]: "node",
  [KIND_CLEAR]: "clear",
  [KIND_ACCOUNTS]: "accounts",
  [KIND_COMMIT]: "commit",
  [KIND_PAD]: "pad",
};

/** The regions of the files of segments. What is in no record is a gap, and what lies behind the last commit left over. */
export function regionsOfLog(files: FaultyFiles, records: readonly LogRecord[]): Region[] {
  const regions: Region[] = [];
  const last = records.at(-1)!;
  for (const path of new Set(records.map((record) => record.path))) {
    const contents = files.contents(path);
    let end = 0;
    for (const record of records) {
      if (record.path !== path) continue;
      if (record.offset > end) regions.push({ path, name: "gap", from: end, to: record.offset, record: null });
      regions.push(...regionsOf(record, contents));
      end = record.offset + record.size;
    }
    const name = path === last.path ? "left over" : "gap";
    if (contents.length > end) regions.push({ path, name, from: end, to: contents.length, record: null });
  }
  return regions;
}

function regionsOf(record: LogRecord, contents: Uint8Array): Region[] {
  const { path, offset, size, key, valueOffset, valueLength } = record;
  const name = nameOf(record, contents);
  const keyOffset = offset + HEADER_BYTES + (record.expiry === 0 ? 0 : EXPIRY_BYTES);
  const stretches: [string, number, number][] = [
    ["header", offset, offset + HEADER_BYTES],
    ["expiry", offset + HEADER_BYTES, keyOffset],
    ["key", keyOffset, keyOffset + key.length],
    ["padding", keyOffset + key.length, valueOffset],
    ["value", valueOffset, valueOffset + valueLength],
    ["padding", valueOffset + valueLength, offset + size],
  ];
  const inside = record.kind === KIND_PAD ? stretches.slice(0, 1) : stretches.filter(([, from, to]) => from < to);
  return inside.map(([part, from, to]) => ({ path, name: `${name} ${part}`, from, to, record }));
}

function nameOf(record: LogRecord, contents: Uint8Array): string {
  if (record.isVoid) return "void record";
  if (record.isTombstone) return record.kind === KIND_NODE ? "tombstone of a part" : "tombstone";
  return record.kind === KIND_TREE && contents[record.valueOffset] === RECLAIM ? "reclaim" : NAMES[record.kind];
}

/** The regions of a saved index, as docs/format.md describes it. */
export function regionsOfIndex(files: FaultyFiles, path: string): Region[] {
  const contents = files.contents(path);
  const view = new DataView(contents.buffer);
  const regions: Region[] = [];
  const add = (name: string, from: number, to: number) => {
    if (from < to) regions.push({ path, name, from, to, record: null });
  };
  add("index header", 0, 24);
  for (let at = 24; at < contents.length;) {
    const end = at + 16 + view.getUint32(at + 8, true);
    add(view.getUint32(at + 4, true) === 0 ? "index end" : "index block header", at, at + 16);
    add("index buckets", at + 16, end);
    at = end;
  }
  return regions;
}

/** A file as one region. */
export function wholeFile(files: FaultyFiles, path: string, name: string): Region {
  return { path, name, from: 0, to: files.contents(path).length, record: null };
}
