// The names of records in a table: one byte for what it is, and what it is of.
//
//   | "k" | key |            of a key
//   | "n" | id, big-endian | a part of a value
//   | "r" | id, big-endian | what is to be freed yet
//   | "m" |                  counts

import { bytesOfName } from "../records/names.ts";

export type RecordKind = "k" | "n" | "r" | "m";

/** The name of the record of a key, whose own name is given. */
export function keyRecord(keyName: string): string {
  return `k${keyName}`;
}

export function nodeRecord(kind: "n" | "r", id: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, id);
  return kind + String.fromCharCode(...bytes);
}

/** The id of a part of a value. */
export function idIn(name: string): bigint {
  return new DataView(bytesOfName(name).buffer).getBigUint64(1);
}
