// A collection's root is a record under the user's key, and its value is either a node, a leaf with all elements (while they
// take up to SMALL_BYTES), or a forest:
//
//   | 254 u8 | form u8 | trees u16 | 0 u32 | reference to the top of each tree … |
//
// A sorted set has two trees: by score, and, under the hash of members, their scores. As a leaf it is ordered by score, and
// hashes and sets are by their bytes.

import { FITS, MISSING, TOO_BIG, TOO_MANY, WRONG_TYPE } from "./answers";
import { checksum } from "./checksum";
import { scratch } from "./frames";
import { address, isCold, locate } from "./hash_index";
import { noteRead, replace, unlink, unlinkAlone } from "./keyspace";
import { allocate, allocated } from "./log";
import {
  addSlot,
  cellBytes,
  cellOf,
  countOf,
  elementsIn,
  FORM_HASH,
  FORM_LIST,
  FORM_SCORES,
  FORM_SET,
  FORM_SMALL_HASH,
  FORM_SMALL_SET,
  formOf,
  hasRoom,
  headIn,
  initNode,
  LEVEL_FOREST,
  levelOf,
  lowerBound,
  NODE_BYTES,
  NODE_HEADER,
  rebuild,
  REFERENCE_BYTES,
  removeSlots,
  replaceCell,
  secondOf,
  setElements,
  slotBytes,
  slotOf,
  usedBytes,
} from "./node";
import { freeCells, hasLongBlobs, ownsRecords } from "./reclaim";
import {
  expiryOf,
  FLAG_EXPIRES,
  hasFlag,
  HEADER_BYTES,
  isExpired,
  KIND_HASH,
  KIND_LIST,
  KIND_SET,
  KIND_ZSET,
  kindOf,
  recordBytes,
  valueLengthOf,
  valueOf,
  writeHeader,
} from "./record";
import { admit, admitFrames, countExpiration, isGuarded, isOwed } from "./space";
import { BLOB_RECORD_BYTES, forgetMissing, lengthOf, missingCount, wholeOf } from "./text";
import { capacityOf, leafAddress, leafOf, leafSlot, NODE_RECORD_BYTES, setForest } from "./path";
import { addElements, areTextsIn, insertAt, longest, makeLeafWritable, makeWritable, planInsert, plant } from "./tree";
import {
  addNumber,
  addText,
  beginEntry,
  entry,
  entryBytes,
  isRememberedLong,
  pendingBytes,
  writePending,
} from "./entry";
import { scoreOf } from "./score";

/** Up to here a collection is one record. A sorted set of that size still fits one leaf of each tree. */
const SMALL_BYTES: u32 = 1400;
/**
 * Frames that a change of a collection wants at hand: its nodes, at most some 80 KB of them, may begin two pages, the index
 * may begin a frame, and two are left alone for recycling. Each blob that is written with it may begin one more.
 */
export const TREE_FRAMES: u32 = 5;
/** Frames for records that say what is to be reclaimed: they may begin a page, and the index a frame. */
export const DROP_FRAMES: u32 = 2;
/** The most elements a collection can have. */
const MAX_ELEMENTS: u32 = 0x7fff_ffff;

/** Whether the leaf that is the open root, or that the path leads to, must stay as it is. */
export function isLeafOwed(path: usize): bool {
  return isOwed(isForest() ? leafAddress(path) : rootAddress);
}

/** The root that the last openRoot() or createRoot() has found or made. */
export let root: usize = 0;
let rootAddress: u64 = 0;

function setRoot(record: usize, at: u64): void {
  root = record;
  rootAddress = at;
  setForest(valueOf(record) + 8);
}

/** The form of a collection's leaf while it is small. */
function smallForm(kind: u32): u32 {
  if (kind == KIND_LIST) return FORM_LIST;
  if (kind == KIND_HASH) return FORM_SMALL_HASH;
  return kind == KIND_SET ? FORM_SMALL_SET : FORM_SCORES;
}

/** The form of a collection's first tree. */
function treeForm(kind: u32): u32 {
  if (kind == KIND_LIST) return FORM_LIST;
  if (kind == KIND_HASH) return FORM_HASH;
  return kind == KIND_SET ? FORM_SET : FORM_SCORES;
}

/** Whether a small root with `used` bytes and `count` elements would, as a tree's leaf, be larger than it may be. */
function isTooBig(used: u32, count: u32): bool {
  const kind = kindOf(root);
  return used + count * (slotBytes(0, treeForm(kind)) - slotBytes(0, smallForm(kind))) > SMALL_BYTES;
}

/** Finds the collection under the key in the scratch area: 1, 0 when there is none, or WRONG_TYPE. */
export function openRoot(keyLength: u32, kind: u32, now: f64): i32 {
  forgetMissing();
  const record = locate(scratch, keyLength, false);
  if (isCold) return MISSING;
  if (record == 0 || isExpired(record, now)) return 0;
  if (kindOf(record) != kind) return WRONG_TYPE;
  noteRead(record);
  setRoot(record, address);
  return 1;
}

export function isForest(): bool {
  return levelOf(valueOf(root)) == LEVEL_FOREST;
}

export function elements(): u32 {
  const value = valueOf(root);
  return levelOf(value) == LEVEL_FOREST ? elementsIn(value + 8) : countOf(value);
}

/** The leaf that a small collection is. */
export function smallNode(): usize {
  return valueOf(root);
}

export function smallCapacity(): u32 {
  return valueLengthOf(root);
}

/** The length of a value of at least `wanted` bytes that leaves no padding behind it. */
function capacityFor(keyLength: u32, expires: bool, wanted: u32): u32 {
  const start = (HEADER_BYTES + (expires ? 8 : 0) + keyLength + 3) & ~3;
  return ((start + wanted + 7) & ~7) - start;
}

/** Makes a collection with the entry in it, in place of an expired value if there is one. */
export function createRoot(keyLength: u32, kind: u32, head: u64): i32 {
  const old = locate(scratch, keyLength, false);
  const form = smallForm(kind);
  const capacity = capacityFor(keyLength, false, NODE_HEADER + slotBytes(0, form) + entryBytes);
  const size = recordBytes(keyLength, capacity, false);
  const answer = admit(size + pendingBytes, framesWithPending());
  if (answer != FITS) return answer;
  const record = allocate(size);
  const at = allocated;
  writeHeader(record, kind, scratch, keyLength, capacity, 0);
  initNode(valueOf(record), 0, form, capacity);
  if (old != 0) countExpiration();
  addSlot(valueOf(record), capacity, 0, head, entry, entryBytes);
  replace(old, record, size, 0, false);
  setRoot(record, at);
  writePending();
  return FITS;
}

/** Writes the root anew, with a value of `length` bytes that is the caller's to fill. Returns the old one, still readable. */
function rewriteRoot(keyLength: u32, length: u32): usize {
  const old = root;
  const expiry = expiryOf(old);
  locate(scratch, keyLength, false);
  const size = recordBytes(keyLength, length, expiry != 0);
  const record = allocate(size);
  const at = allocated;
  writeHeader(record, kindOf(old), scratch, keyLength, length, expiry);
  replace(old, record, size, expiry, true);
  noteRead(record);
  setRoot(record, at);
  return old;
}

/** Makes the root such that it may be changed. Frames for it are at hand. */
export function ownRoot(keyLength: u32): void {
  if (!isOwed(rootAddress)) return;
  const length = valueLengthOf(root);
  const old = rewriteRoot(keyLength, length);
  memory.copy(valueOf(root), valueOf(old), length);
}

/** Removes the root of a collection that has become empty. */
export function removeEmptyRoot(keyLength: u32): void {
  const record = locate(scratch, keyLength, false);
  unlinkAlone(record);
}

/** Removes the root with all it owns. */
export function removeRoot(keyLength: u32): i32 {
  if (ownsRecords(root)) {
    const answer = admitFrames(DROP_FRAMES);
    if (answer != FITS) return answer;
  }
  unlink(locate(scratch, keyLength, false));
  return FITS;
}

function framesWithPending(): u32 {
  return pendingBytes == 0 ? TREE_FRAMES : TREE_FRAMES + 1;
}

/** Puts the entry into the small root's node at slot `i`. FITS, TOO_BIG when it must become a forest first, or a refusal. */
export function addToSmall(keyLength: u32, i: u32, head: u64): i32 {
  const node = valueOf(root);
  const capacity = valueLengthOf(root);
  const fits = hasRoom(node, capacity, entryBytes);
  const used = usedBytes(node, capacity) + slotBytes(0, formOf(node)) + entryBytes;
  // Asked even where there is room: a root that has shrunk could take more short elements than a tree's leaf.
  if (isTooBig(used, countOf(node) + 1)) return TOO_BIG;
  if (!fits || isGuarded || pendingBytes != 0) {
    const answer = resizeSmall(keyLength, used, fits);
    if (answer != FITS) return answer;
  }
  writePending();
  addSlot(valueOf(root), valueLengthOf(root), i, head, entry, entryBytes);
  return FITS;
}

/** Replaces the cell of the small root's slot `i` by the entry. Frames to free the old one's blob are at hand then. */
export function replaceInSmall(keyLength: u32, i: u32): i32 {
  const frames = admitFrames(isRememberedLong() ? DROP_FRAMES : 0);
  if (frames != FITS) return frames;
  const node = valueOf(root);
  const capacity = valueLengthOf(root);
  const used = usedBytes(node, capacity) - cellBytes(node, cellOf(node, i)) + entryBytes;
  const fits = used <= capacity;
  if (isTooBig(used, countOf(node))) return TOO_BIG;
  if (!fits || isGuarded) {
    const answer = resizeSmall(keyLength, used, fits);
    if (answer != FITS) return answer;
  }
  replaceCell(valueOf(root), valueLengthOf(root), i, entry, entryBytes);
  return FITS;
}

/** Makes the small root writable and its value `used` bytes long or more; a bit more, as one that grows goes on growing. */
function resizeSmall(keyLength: u32, used: u32, fits: bool): i32 {
  const capacity = valueLengthOf(root);
  if (fits && !isOwed(rootAddress)) return admit(pendingBytes, framesWithPending());
  const expires = hasFlag(root, FLAG_EXPIRES);
  const wanted = fits ? capacity : capacityFor(keyLength, expires, min(SMALL_BYTES, used + (used >> 3)));
  const answer = admit(f64(wanted) - f64(capacity) + f64(pendingBytes), framesWithPending());
  if (answer != FITS) return answer;
  const old = rewriteRoot(keyLength, wanted);
  rebuild(valueOf(root), wanted, valueOf(old));
  return FITS;
}

/**
 * Frames that removing slots of a leaf wants at hand: none, so that what is full can be emptied, unless a snapshot or a
 * transaction wants copies, or a blob is too large to be freed at once.
 */
export function framesToRemove(leaf: usize, from: u32, to: u32): u32 {
  return isGuarded ? TREE_FRAMES : hasLongBlobs(leaf, from, to) ? DROP_FRAMES : 0;
}

/** Takes slots out of the small root's node; the root goes with the last. What the cells own is freed. */
export function removeFromSmall(keyLength: u32, from: u32, to: u32): i32 {
  const answer = admitFrames(framesToRemove(valueOf(root), from, to));
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  const node = valueOf(root);
  freeCells(node, from, to);
  removeSlots(node, from, to);
  if (countOf(node) == 0) removeEmptyRoot(keyLength);
  return FITS;
}

const references: usize = memory.data(32, 8);
/** What an element takes more in the second tree than in the first, whose head the score is. */
const SECOND_BYTES: u32 = 9 + slotBytes(0, FORM_HASH) - slotBytes(0, FORM_SCORES);

/** Makes a small root one of trees. The entry has to be made again afterwards. */
export function makeForest(keyLength: u32): i32 {
  const old = valueOf(root);
  const kind = kindOf(root);
  const form = treeForm(kind);
  const trees: u32 = kind == KIND_ZSET ? 2 : 1;
  const count = countOf(old);
  if (kind != KIND_LIST && !areTextsIn(old)) return MISSING;
  const answer = admit(f64(trees * NODE_RECORD_BYTES), TREE_FRAMES);
  if (answer != FITS) return answer;
  const used = usedBytes(old, smallCapacity());
  const leaf = plant(references, form, used + count * (slotBytes(0, form) - slotBytes(0, formOf(old))));
  if (form == formOf(old)) rebuild(leaf, capacityOf(leaf), old);
  else addByHash(leaf, old);
  setElements(references, count);
  if (kind == KIND_ZSET) addByHash(plant(references + REFERENCE_BYTES, FORM_HASH, used + count * SECOND_BYTES), old);
  setElements(references + REFERENCE_BYTES, count);
  rewriteRoot(keyLength, 8 + trees * REFERENCE_BYTES);
  const value = valueOf(root);
  store<u64>(value, u64(LEVEL_FOREST) | (u64(form) << 8) | (u64(trees) << 16));
  memory.copy(value + 8, references, trees * REFERENCE_BYTES);
  return FITS;
}

/** Adds what a small root's node has to a leaf that is ordered by hashes; of a sorted set, the members with their scores. */
function addByHash(leaf: usize, small: usize): void {
  const isSorted = formOf(small) == FORM_SCORES;
  const count = countOf(small);
  for (let i: u32 = 0; i < count; i++) {
    const cell = cellOf(small, i);
    const start = wholeOf(cell);
    const length = lengthOf(cell);
    const head = u64(checksum(start, length));
    beginEntry();
    addText(cell);
    if (isSorted) addNumber(scoreOf(headIn(slotOf(small, i), 8)));
    else if (formOf(small) == FORM_SMALL_HASH) addText(secondOf(cell));
    addSlot(leaf, capacityOf(leaf), lowerBound(leaf, 0, head, start, length), head, entry, entryBytes);
  }
}

/** Whether putting the entry at the path's place can be done: FITS, MISSING or a refusal. `extra` bytes are wanted beside. */
export function admitInsert(path: usize, extra: u32): i32 {
  if (elements() == MAX_ELEMENTS) return TOO_MANY;
  const added = planInsert(path, entryBytes) + extra;
  if (missingCount != 0) return MISSING;
  if (added == 0 && !isGuarded && pendingBytes == 0) return FITS;
  return admit(f64(added) + f64(pendingBytes), framesWithPending() + (added > BLOB_RECORD_BYTES ? 1 : 0));
}

/** Puts the entry at the path's place, for which there is room. */
export function insertEntry(keyLength: u32, path: usize, head: u64): void {
  ownRoot(keyLength);
  makeWritable(path, entryBytes);
  writePending();
  addElements(path, 1);
  insertAt(path, head, entry, entryBytes);
}

/** Replaces the cell at the path's place by the entry. FITS, MISSING or a refusal. */
export function replaceInTree(keyLength: u32, path: usize, head: u64): i32 {
  const leaf = leafOf(path);
  const i = leafSlot(path);
  const capacity = capacityOf(leaf);
  const old = cellBytes(leaf, cellOf(leaf, i));
  const bytes = usedBytes(leaf, capacity) - old + entryBytes;
  const stays = bytes <= longest(leaf);
  const added: u32 = bytes <= capacity ? 0 : stays ? NODE_RECORD_BYTES : planInsert(path, NODE_BYTES);
  if (missingCount != 0) return MISSING;
  const answer = admit(added, TREE_FRAMES + (added > BLOB_RECORD_BYTES ? 1 : 0));
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  if (stays) {
    makeLeafWritable(path, entryBytes - min(old, entryBytes));
    replaceCell(leafOf(path), capacityOf(leafOf(path)), i, entry, entryBytes);
  } else {
    makeWritable(path, 0);
    removeSlots(leafOf(path), i, i + 1);
    insertAt(path, head, entry, entryBytes);
  }
  return FITS;
}

/** How many elements the collection has, 0 where there is none, or WRONG_TYPE. O(1). */
export function count(keyLength: u32, kind: u32, now: f64): i32 {
  const opened = openRoot(keyLength, kind, now);
  return opened == 1 ? i32(elements()) : opened;
}
