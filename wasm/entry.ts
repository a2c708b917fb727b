// What goes into a node and comes out of it: the entry that an operation makes, and the string that it gives the host.

import { FITS, IS_BLOB } from "./answers";
import { scratch, SCRATCH_FIELD, SCRATCH_VALUE } from "./frames";
import { freeText, isLong } from "./reclaim";
import {
  BLOB_STRING_BYTES,
  bytesOf,
  INLINE_LIMIT,
  isBlob,
  lengthOf,
  newObject,
  putBlob,
  putText,
  textBytes,
} from "./text";
import { blobRecordBytes, writeBlob } from "./tree";

// The entry to be put into a node: its cell, and the blob that its first string wants written.
export const entry: usize = memory.data(1024, 8);
export let entryBytes: u32 = 0;
let pendingObject: u64 = 0;
let pendingLength: u32 = 0;
/** What the blob's record will take. */
export let pendingBytes: u32 = 0;

/** Begins an entry with nothing in it. */
export function beginEntry(): void {
  entryBytes = 0;
  pendingObject = 0;
  pendingBytes = 0;
}

/** Adds the field or member in the scratch area. */
export function addField(length: u32): void {
  const field = scratch + SCRATCH_FIELD;
  if (length <= INLINE_LIMIT) {
    entryBytes += putText(entry + entryBytes, field, length);
    return;
  }
  pendingObject = newObject();
  pendingLength = length;
  pendingBytes = blobRecordBytes(length);
  entryBytes += putBlob(entry + entryBytes, length, pendingObject);
}

/** Adds the value in the scratch area: its bytes, or, with a negative length, those that stand for a blob. */
export function addValue(length: i32): void {
  const value = scratch + SCRATCH_VALUE;
  if (length < 0) {
    memory.copy(entry + entryBytes, value, BLOB_STRING_BYTES);
    entryBytes += BLOB_STRING_BYTES;
  } else {
    entryBytes += putText(entry + entryBytes, value, length);
  }
}

/** Adds a string as another node has it. */
export function addText(text: usize): void {
  const bytes = textBytes(text);
  memory.copy(entry + entryBytes, text, bytes);
  entryBytes += bytes;
}

/** Adds eight bytes. */
export function addNumber(number: f64): void {
  store<u8>(entry + entryBytes, 8);
  store<f64>(entry + entryBytes, number, 1);
  entryBytes += 9;
}

/** Leaves only the first `bytes` of the entry. */
export function cutEntry(bytes: u32): void {
  entryBytes = bytes;
}

/** Writes the blob that the entry wants, once there is no way back. */
export function writePending(): void {
  if (pendingObject != 0) writeBlob(pendingObject, scratch + SCRATCH_FIELD, pendingLength);
  pendingObject = 0;
  pendingBytes = 0;
}

const remembered: usize = memory.data(16, 8);

/** Remembers a string that is about to be replaced. */
export function rememberText(text: usize): void {
  memory.copy(remembered, text, BLOB_STRING_BYTES);
}

/** Whether freeing it may have to write a record. */
export function isRememberedLong(): bool {
  return isLong(remembered);
}

/** Frees the remembered string's blob, if it was one. */
export function freeRemembered(): i32 {
  freeText(remembered);
  return FITS;
}

/** Leaves a string for the host where values are: its length, or IS_BLOB. */
export function give(text: usize): i32 {
  const out = scratch + SCRATCH_VALUE;
  if (isBlob(text)) {
    memory.copy(out, text, BLOB_STRING_BYTES);
    return IS_BLOB;
  }
  const length = lengthOf(text);
  const start = bytesOf(text);
  for (let i: u32 = 0; i < length; i += 8) store<u64>(out + i, load<u64>(start + i));
  return length;
}
