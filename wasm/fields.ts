// Hashes and sets: trees ordered by the low 32 bits of XXH64 of the field, then by its bytes. That hash has no key, so that
// what is stored can be read anywhere; fields that were chosen to collide cost comparisons of bytes, nothing else.

import { ABSENT, FITS, MISSING, NOT_INTEGER, OVERFLOWS, TOO_BIG } from "./answers";
import { checksum } from "./checksum";
import { scratch, SCRATCH_FIELD, SCRATCH_VALUE } from "./frames";
import { formatInteger, IF_ABSENT, parsed, parseInteger } from "./keyspace";
import { cellOf, isMatch, lowerBound, secondOf } from "./node";
import { freeCells } from "./reclaim";
import { KIND_HASH } from "./record";
import { addField, addText, addValue, beginEntry, freeRemembered, give, rememberText } from "./entry";
import {
  addToSmall,
  admitInsert,
  createRoot,
  elements,
  framesToRemove,
  insertEntry,
  isForest,
  isLeafOwed,
  makeForest,
  openRoot,
  ownRoot,
  removeEmptyRoot,
  removeFromSmall,
  replaceInSmall,
  replaceInTree,
  smallNode,
} from "./root";
import { admitFrames } from "./space";
import { bytesOf, isBlob, lengthOf, missingCount } from "./text";
import { descendKey, leafOf, leafSlot, pathA } from "./path";
import { addElements, makeWritable, removeAt } from "./tree";

/** The field's hash, and where seek() has found it or where it would stand. */
let head: u64 = 0;
let leaf: usize = 0;
let place: u32 = 0;

/** Looks for the field in the scratch area in the collection that is open; false when a node is missing. */
function seek(fieldLength: u32): bool {
  const field = scratch + SCRATCH_FIELD;
  if (!isForest()) {
    leaf = smallNode();
    place = lowerBound(leaf, 0, 0, field, fieldLength);
    return missingCount == 0;
  }
  head = u64(checksum(field, fieldLength));
  if (!descendKey(pathA, 0, head, field, fieldLength)) return false;
  leaf = leafOf(pathA);
  place = leafSlot(pathA);
  return true;
}

/** Opens a hash or set and looks for the field: FITS when it is there, ABSENT, or a refusal. */
function find(keyLength: u32, fieldLength: u32, kind: u32, now: f64): i32 {
  const opened = openRoot(keyLength, kind, now);
  if (opened != 1) return opened < 0 ? opened : ABSENT;
  if (!seek(fieldLength)) return MISSING;
  return isMatch ? FITS : ABSENT;
}

/** Leaves the value of a field where values are: its length, ABSENT or IS_BLOB. O(log n). */
export function fieldGet(keyLength: u32, fieldLength: u32, now: f64): i32 {
  const found = find(keyLength, fieldLength, KIND_HASH, now);
  return found == FITS ? give(secondOf(cellOf(leaf, place))) : found;
}

/** The length of a field's value, or ABSENT. O(log n). */
export function fieldLength(keyLength: u32, length: u32, now: f64): i32 {
  const found = find(keyLength, length, KIND_HASH, now);
  return found == FITS ? i32(lengthOf(secondOf(cellOf(leaf, place)))) : found;
}

/** 1 when the field or member is there, 0 when not. O(log n). */
export function fieldHas(keyLength: u32, fieldLength: u32, kind: u32, now: f64): i32 {
  const found = find(keyLength, fieldLength, kind, now);
  return found == FITS ? 1 : found == ABSENT ? 0 : found;
}

function makeEntry(fieldLength: u32, valueLength: i32, kind: u32): void {
  beginEntry();
  addField(fieldLength);
  if (kind == KIND_HASH) addValue(valueLength);
}

/**
 * Sets the field in the scratch area to the value there, or adds the member. 1 when it is new, 0 when it was there; with
 * IF_ABSENT it is left as it was then. O(log n).
 */
export function fieldSet(keyLength: u32, fieldLength: u32, valueLength: i32, kind: u32, mode: u32, now: f64): i32 {
  const opened = openRoot(keyLength, kind, now);
  if (opened < 0) return opened;
  if (opened == 0) {
    makeEntry(fieldLength, valueLength, kind);
    const answer = createRoot(keyLength, kind, 0);
    return answer == FITS ? 1 : answer;
  }
  if (!seek(fieldLength)) return MISSING;
  if (isMatch) {
    if (kind != KIND_HASH || (mode & IF_ABSENT) != 0) return 0;
    return replaceValue(keyLength, fieldLength, valueLength);
  }
  makeEntry(fieldLength, valueLength, kind);
  if (!isForest()) {
    const answer = addToSmall(keyLength, place, 0);
    if (answer != TOO_BIG) return answer == FITS ? 1 : answer;
    const made = makeForest(keyLength);
    if (made != FITS) return made;
    if (!seek(fieldLength)) return MISSING;
    makeEntry(fieldLength, valueLength, kind);
  }
  const answer = admitInsert(pathA, 0);
  if (answer != FITS) return answer;
  insertEntry(keyLength, pathA, head);
  return 1;
}

/** Gives the field that was found another value. */
function replaceValue(keyLength: u32, fieldLength: u32, valueLength: i32): i32 {
  const cell = cellOf(leaf, place);
  const value = secondOf(cell);
  if (valueLength == lengthOf(value) && !isBlob(value) && !isLeafOwed(pathA)) {
    memory.copy(bytesOf(value), scratch + SCRATCH_VALUE, valueLength);
    return 0;
  }
  rememberText(value);
  beginEntry();
  addText(cell);
  addValue(valueLength);
  if (!isForest()) {
    const answer = replaceInSmall(keyLength, place);
    if (answer != TOO_BIG) return answer == FITS ? freeRemembered() : answer;
    const made = makeForest(keyLength);
    if (made != FITS) return made;
    if (!seek(fieldLength)) return MISSING;
    beginEntry();
    addText(cellOf(leaf, place));
    addValue(valueLength);
  }
  const answer = replaceInTree(keyLength, pathA, head);
  return answer == FITS ? freeRemembered() : answer;
}

/** Removes a field or member: 1 when it was there, 0 when not. O(log n). */
export function fieldRemove(keyLength: u32, fieldLength: u32, kind: u32, now: f64): i32 {
  const found = find(keyLength, fieldLength, kind, now);
  if (found != FITS) return found == ABSENT ? 0 : found;
  if (!isForest()) {
    const answer = removeFromSmall(keyLength, place, place + 1);
    return answer == FITS ? 1 : answer;
  }
  const answer = admitFrames(framesToRemove(leaf, place, place + 1));
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  makeWritable(pathA, 0);
  freeCells(leafOf(pathA), place, place + 1);
  addElements(pathA, -1);
  removeAt(pathA, 1);
  if (elements() == 0) removeEmptyRoot(keyLength);
  return 1;
}

/**
 * Adds a 64-bit integer to the decimal string of a field; a missing one counts as 0. The sum is left in the first eight
 * bytes where values are. With `isNumber`, a sum that a double cannot hold exactly is refused. FITS, or a refusal. O(log n).
 */
export function fieldIncrement(
  keyLength: u32,
  fieldLength: u32,
  low: u32,
  high: u32,
  isNumber: bool,
  now: f64,
): i32 {
  const value = scratch + SCRATCH_VALUE;
  const delta = i64((u64(high) << 32) | u64(low));
  let sum = delta;
  const found = find(keyLength, fieldLength, KIND_HASH, now);
  if (found == FITS) {
    const text = secondOf(cellOf(leaf, place));
    if (isBlob(text) || !parseInteger(bytesOf(text), lengthOf(text))) return NOT_INTEGER;
    sum = parsed + delta;
    if (((parsed ^ sum) & (delta ^ sum)) < 0) return OVERFLOWS;
  } else if (found != ABSENT) {
    return found;
  }
  if (isNumber && (sum > 9007199254740991 || sum < -9007199254740991)) return OVERFLOWS;
  const answer = fieldSet(keyLength, fieldLength, formatInteger(sum, value), KIND_HASH, 0, now);
  store<i64>(value, sum);
  return min(answer, FITS);
}
