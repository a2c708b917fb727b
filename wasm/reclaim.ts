// What a dropped value owned is freed later, in slices: dropping writes one record that names it, whatever its size. These
// records form a stack.
//
//   0            1      2      4       8          16                32
//   | 255 u8     | what | 0    | count | next u64 | reference 0     | reference 1     |       trees
//   | level      | u8   | u16  | u32   | object   | object u64, 0   | 0               |       parts of an object
//
// It lives until the last of it is freed, so a store that is loaded from what was saved goes on with it.

import { availableFrames } from "./frames";
import { address } from "./hash_index";
import { INLINE_BYTES, unlinkAlone } from "./keyspace";
import { KIND_CHUNKED, KIND_HASH, KIND_LIST, KIND_SET, KIND_ZSET, kindOf, valueOf } from "./record";
import {
  cellOf,
  countOf,
  FORM_SCORES,
  formOf,
  LEVEL_FOREST,
  LEVEL_RECLAIM,
  levelOf,
  objectIn,
  REFERENCE_BYTES,
  secondOf,
} from "./node";
import { isOwed } from "./space";
import { BLOB_RECORD_BYTES, blobObject, forgetMissing, isBlob, lengthOf, locatePart } from "./text";
import { descendLast, leafOf, pathA, setForest } from "./path";
import { copyRecord, dropLeaf, freeRecord, madeTreeObject, makeTreeRecord } from "./tree";

const WHAT_TREES: u32 = 1;
const WHAT_PARTS: u32 = 2;
const RECLAIM_BYTES: u32 = 48;
/** So many parts of a value are freed at once; more are left for later. */
const PARTS_AT_ONCE: u32 = 8;

/** The object number of the record on top of the stack; 0 when there is nothing to reclaim. */
let pending: u64 = 0;

export function isReclaiming(): bool {
  return pending != 0;
}

export function pendingObject(): u64 {
  return pending;
}

/** Takes the stack back to where it was, when what was pushed has been undone. */
export function setPending(object: u64): void {
  pending = object;
}

export function isCollection(kind: u32): bool {
  return kind == KIND_LIST || kind == KIND_HASH || kind == KIND_SET || kind == KIND_ZSET;
}

/** Whether dropping the value of a root may have to write a record. */
export function ownsRecords(root: usize): bool {
  const kind = kindOf(root);
  if (kind == KIND_CHUNKED) return load<u32>(valueOf(root), 4) > PARTS_AT_ONCE;
  if (!isCollection(kind)) return false;
  const value = valueOf(root);
  return levelOf(value) == LEVEL_FOREST || hasLongBlobs(value, 0, countOf(value));
}

/** About what a value takes beside its root. */
export function ownedBytes(root: usize): u32 {
  const kind = kindOf(root);
  const value = valueOf(root);
  if (kind == KIND_CHUNKED) return load<u32>(value, 4) * INLINE_BYTES;
  if (!isCollection(kind) || levelOf(value) != LEVEL_FOREST) return 0;
  return load<u32>(value, 8) << 5; // some 32 bytes for an element
}

/** Frees what the value of a root owned, or notes it, after the root has been unlinked. */
export function dropOwned(root: usize): void {
  const kind = kindOf(root);
  const value = valueOf(root);
  if (kind == KIND_CHUNKED) freeParts(load<u64>(value, 8), load<u32>(value, 4));
  if (!isCollection(kind)) return;
  if (levelOf(value) == LEVEL_FOREST) {
    const trees = u32(load<u16>(value, 2));
    return pushTrees(value + 8, trees);
  }
  freeCells(value, 0, countOf(value));
}

/** Notes `trees` trees, whose references are given, to be freed. */
export function pushTrees(references: usize, trees: u32): void {
  const value = push(WHAT_TREES, 0);
  memory.copy(value + 16, references, trees * REFERENCE_BYTES);
}

function push(what: u32, count: u32): usize {
  const value = valueOf(makeTreeRecord(RECLAIM_BYTES));
  memory.fill(value, 0, RECLAIM_BYTES);
  store<u8>(value, LEVEL_RECLAIM);
  store<u8>(value, what, 1);
  store<u32>(value, count, 4);
  store<u64>(value, pending, 8);
  pending = madeTreeObject();
  return value;
}

/** How many references to trees a record of something to reclaim has. */
export function referencesIn(value: usize): u32 {
  return u32(load<u8>(value, 1)) == WHAT_TREES ? 2 : 0;
}

/** A record of a tree has been loaded: if it is one of these, it goes on the stack. */
export function resumeReclaim(record: usize): void {
  const value = valueOf(record);
  if (levelOf(value) != LEVEL_RECLAIM) return;
  store<u64>(value, pending, 8);
  pending = load<u64>(record, 16) >> 16;
}

/** Frees the parts of an object, a few at once, many later, and returns how many records that took. */
function freeParts(object: u64, count: u32): u32 {
  if (count > PARTS_AT_ONCE || !areHere(object, count)) {
    store<u64>(push(WHAT_PARTS, count), object, 16);
    return 1;
  }
  for (let i: u32 = 0; i < count; i++) {
    unlinkAlone(locatePart(object, i));
  }
  return count;
}

function areHere(object: u64, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (locatePart(object, i) == 0) {
      forgetMissing();
      return false;
    }
  }
  return true;
}

export function partsOf(length: u32): u32 {
  return length <= BLOB_RECORD_BYTES ? 1 : (length + INLINE_BYTES - 1) / INLINE_BYTES;
}

/** Frees a string's blob, if it is one, and returns how many records that took. */
export function freeText(text: usize): u32 {
  return isBlob(text) ? freeParts(blobObject(text), partsOf(lengthOf(text))) : 0;
}

/** Frees the blobs of the cells of a leaf's slots, and returns how many records that took. */
export function freeCells(leaf: usize, from: u32, to: u32): u32 {
  const hasTwo = (formOf(leaf) >> 4) == 2;
  let freed: u32 = 0;
  for (let i = from; i < to; i++) {
    const cell = cellOf(leaf, i);
    freed += freeText(cell);
    if (hasTwo) freed += freeText(secondOf(cell));
  }
  return freed;
}

/** Whether freeing the cells of a leaf's slots may have to write a record. */
export function hasLongBlobs(leaf: usize, from: u32, to: u32): bool {
  const hasTwo = (formOf(leaf) >> 4) == 2;
  for (let i = from; i < to; i++) {
    const cell = cellOf(leaf, i);
    if (isLong(cell) || (hasTwo && isLong(secondOf(cell)))) return true;
  }
  return false;
}

/** Whether a string's blob is too large to be freed at once. */
export function isLong(text: usize): bool {
  return isBlob(text) && partsOf(lengthOf(text)) > PARTS_AT_ONCE;
}

/**
 * Frees about `budget` records of what is to be reclaimed, and returns how many it did; 0 when there is nothing left, a
 * frame is missing, or a record is not here.
 */
export function reclaim(budget: u32): u32 {
  let freed: u32 = 0;
  forgetMissing();
  // Changing a record that a snapshot needs copies it, and what is freed may itself leave something to reclaim.
  while (pending != 0 && freed < budget && availableFrames() >= 2) {
    let record = locatePart(pending, 0);
    if (record == 0) break;
    if (isOwed(address)) record = copyRecord(record, address);
    const value = valueOf(record);
    const isParts = u32(load<u8>(value, 1)) == WHAT_PARTS;
    const step = isParts ? freeLastPart(value) : freeLastLeaf(value);
    if (step < 0) break;
    if (step == 0) finish(value);
    freed += max(1, step);
  }
  return freed;
}

/** Takes the record on top of the stack away; what was pushed meanwhile lies above it, and stays. */
function finish(value: usize): void {
  const next = load<u64>(value, 8);
  const record = locatePart(pending, 0);
  pending = next;
  freeRecord(record, address);
}

/** 1 when it freed one, 0 when there are none left, -1 when it is not here. */
function freeLastPart(value: usize): i32 {
  const count = load<u32>(value, 4);
  if (count == 0) return 0;
  const part = locatePart(load<u64>(value, 16), count - 1);
  if (part == 0) return -1;
  unlinkAlone(part);
  store<u32>(value, count - 1, 4);
  return 1;
}

/** How many records it freed; 0 when there are none left, -1 when one is not here. */
function freeLastLeaf(value: usize): i32 {
  setForest(value + 16);
  for (let tree: u32 = 0; tree < 2; tree++) {
    const reference = value + 16 + tree * REFERENCE_BYTES;
    if (objectIn(reference) == 0) continue;
    if (!descendLast(pathA, tree)) return -1;
    const leaf = leafOf(pathA);
    const count = countOf(leaf);
    // Of a sorted set's two trees the one with the members as keys owns their blobs.
    let freed: u32 = 1;
    if (formOf(leaf) != FORM_SCORES) freed += freeCells(leaf, 0, count);
    dropLeaf(pathA);
    return freed;
  }
  return 0;
}
