// Counted B+trees of nodes that are records.
//
// Every change first descends, which may find that a node is not here, then asks for room, and only then writes: what has
// begun to write does not fail.

import { allocate, allocated, isTiered } from "./log";
import { chain, locate, locateAddress, unchain } from "./hash_index";
import { linkNew, unlinkAlone } from "./keyspace";
import {
  bitsOf,
  FLAG_DEAD,
  FLAG_OWED,
  KIND_NODE,
  KIND_TREE,
  recordBytes,
  setBits,
  sizeOf,
  valueOf,
  writeHeader,
} from "./record";
import {
  addSlot,
  appendSlots,
  cellBytes,
  cellOf,
  countOf,
  elementsBelow,
  elementsIn,
  formOf,
  headBytesOf,
  headIn,
  hintIn,
  initNode,
  levelOf,
  limitOf,
  mayHaveBlobs,
  NODE_HEADER,
  objectIn,
  putReference,
  rebuild,
  REFERENCE_BYTES,
  referenceOf,
  removeSlots,
  replaceCell,
  setElements,
  setHint,
  slotBytes,
  slotOf,
  usedBytes,
} from "./node";
import { BLOB_RECORD_BYTES, forgetMissing, lengthOf, missingCount, newObject, putBlob, putText, wholeOf } from "./text";
import { freeText } from "./reclaim";
import { countDead, countLive, isOwed } from "./space";
import {
  capacityOf,
  depthOf,
  entryOf,
  leafOf,
  NODE_OFFSET,
  NODE_RECORD_BYTES,
  nodeAt,
  referenceAt,
  resolve,
  resolvedAddress,
  setSlotAt,
  slotAt,
} from "./path";

const key: usize = memory.data(8, 8);

/** What newNode() has made. */
let madeRecord: usize = 0;
let madeAddress: u64 = 0;
let madeObject: u64 = 0;

/** Makes a record of a tree; its value is the caller's to write. */
export function makeTreeRecord(length: u32): usize {
  madeObject = newObject();
  madeRecord = makePart(madeObject << 16, KIND_TREE, length);
  return madeRecord;
}

export function madeTreeObject(): u64 {
  return madeObject;
}

/** Makes a record with a node id. Room for it is there. */
function makePart(id: u64, kind: u32, length: u32): usize {
  store<u64>(key, id);
  locate(key, 8, true);
  const size = recordBytes(8, length, false);
  const record = allocate(size);
  madeAddress = allocated;
  writeHeader(record, kind, key, 8, length, 0);
  linkNew(record, madeAddress, size, 0);
  return record;
}

/** Makes a node with room for `bytes`, its header included, at least. */
function newNode(level: u32, form: u32, bytes: u32): usize {
  const capacity = max(limitOf(level, form), padded(bytes));
  const node = makeTreeRecord(capacity) + NODE_OFFSET;
  initNode(node, level, form, capacity);
  return node;
}

/** So many bytes or a few more, such that a node of them leaves no padding behind it. */
function padded(bytes: u32): u32 {
  return (bytes + 7) & ~7;
}

/** Makes a first leaf, with room for `bytes`, for the tree whose reference is given. Returns the node. */
export function plant(reference: usize, form: u32, bytes: u32): usize {
  const node = newNode(0, form, bytes);
  putReference(reference, 0, madeObject, madeAddress);
  return node;
}

/** Writes `length` bytes, at most BLOB_RECORD_BYTES, as the blob of `object`. */
export function writeBlob(object: u64, start: usize, length: u32): void {
  const record = makePart(object << 16, KIND_NODE, length);
  memory.copy(valueOf(record), start, length);
}

export function blobRecordBytes(length: u32): u32 {
  return recordBytes(8, length, false);
}

/** Unlinks the record at `at`. */
export function freeRecord(record: usize, at: u64): void {
  locateAddress(record + 16, 8, at);
  unlinkAlone(record);
}

/**
 * Makes the path's nodes such that they may be changed: what a snapshot or transaction needs, or is being written, is copied first.
 * The copy of a leaf has room for a slot with a cell of `bytes`, if that is not 0.
 */
export function makeWritable(path: usize, bytes: u32): void {
  const last = depthOf(path) - 1;
  makeWritableTo(path, last);
  makeWritableAt(path, last, bytes == 0 ? 0 : slotBytes(0, formOf(nodeAt(path, last))) + bytes);
}

/** The same for the first `levels` of them. */
function makeWritableTo(path: usize, levels: u32): void {
  for (let level: u32 = 0; level < levels; level++) makeWritableAt(path, level, 0);
}

/**
 * The same for the leaf alone, which gets room for `more` bytes: where no number of elements changes, no other node does. That a
 * reference has another hint then is not written.
 */
export function makeLeafWritable(path: usize, more: u32): void {
  const level = depthOf(path) - 1;
  makeWritableAt(path, level, more);
  canHold(path, level, more);
}

function makeWritableAt(path: usize, level: u32, more: u32): void {
  if (!isOwed(load<u64>(entryOf(path, level), 8))) return;
  rewrite(path, level, copyBytes(nodeAt(path, level), more));
}

/** Beside what is added to it, a copy has room for one or two short slots. */
const SLACK_BYTES: u32 = 48;

/**
 * How long to make the copy of a node to which `more` bytes are to be added. Where the log is on files, all of it will be written:
 * there it is no longer than it must be.
 */
function copyBytes(node: usize, more: u32): u32 {
  const capacity = capacityOf(node);
  const used = usedBytes(node, capacity);
  const most = longest(node);
  const fits = used + more <= most; // otherwise it will be split
  if (!isTiered) return used + more > capacity && fits ? most : capacity;
  return more == 0 || !fits ? padded(used) : min(most, padded(used + more + SLACK_BYTES));
}

/** Whether the path's node at `level` can hold `more` bytes. If need be it is made as long as it may get. */
function canHold(path: usize, level: u32, more: u32): bool {
  const node = nodeAt(path, level);
  const capacity = capacityOf(node);
  const bytes = usedBytes(node, capacity) + more;
  if (bytes <= capacity) return true;
  const most = longest(node);
  if (bytes > most) return false;
  rewrite(path, level, most);
  return true;
}

/** How long a node may get: one that was made longer, as its slots were long, may stay so. */
export function longest(node: usize): u32 {
  return max(capacityOf(node), limitOf(levelOf(node), formOf(node)));
}

/** Puts a copy of the path's node at `level`, of `capacity` bytes, in its place, at the tail. */
function rewrite(path: usize, level: u32, capacity: u32): void {
  const entry = entryOf(path, level);
  store<u32>(entry, u32(copyNode(usize(load<u32>(entry)), load<u64>(entry, 8), capacity)));
  store<u64>(entry, allocated, 8);
  setHint(referenceAt(path, level), allocated);
}

/** The same for the record of a node at `at`. `allocated` is the copy's address. */
function copyNode(record: usize, at: u64, capacity: u32): usize {
  const node = record + NODE_OFFSET;
  if (capacity == capacityOf(node)) return copyRecord(record, at);
  const copy = allocate(recordBytes(8, capacity, false));
  memory.copy(copy, record, NODE_OFFSET);
  store<u32>(copy, capacity, 8);
  rebuild(copy + NODE_OFFSET, capacity, node);
  return putInPlace(copy, record, at);
}

/** Puts a copy of the record at `at` in its place, at the tail, where it may be changed. `allocated` is its address. */
export function copyRecord(record: usize, at: u64): usize {
  const size = sizeOf(record);
  const copy = allocate(size);
  memory.copy(copy, record, size);
  return putInPlace(copy, record, at);
}

function putInPlace(copy: usize, record: usize, at: u64): usize {
  setBits(copy, bitsOf(copy) & ~(FLAG_DEAD | FLAG_OWED));
  locateAddress(record + 16, 8, at);
  unchain(record);
  countDead(record, at);
  chain(copy, allocated);
  countLive(copy, allocated, sizeOf(copy), 0);
  return copy;
}

/** Adds to the number of elements in all references on the path. */
export function addElements(path: usize, delta: i32): void {
  const depth = depthOf(path);
  for (let level: u32 = 0; level < depth; level++) {
    const reference = referenceAt(path, level);
    setElements(reference, elementsIn(reference) + delta);
  }
}

// A slot to be put into a node: where, and what. Inner slots have a reference too.
let addedAt: u32 = 0;
let addedHead: u64 = 0;
let addedCell: usize = 0;
let addedBytes: u32 = 0;
const addedReference: usize = memory.data(16, 8);

// Where a node is to be split with the new slot counted in, what the slots to the left and to the right take, and the lower bound of
// those to the right.
let splitAt: u32 = 0;
let leftBytes: u32 = 0;
let rightBytes: u32 = 0;
let boundHead: u64 = 0;
let boundText: usize = 0;
let boundLength: u32 = 0;

/** The head of slot `v` of a node with the new slot in it. */
function headWith(node: usize, v: u32): u64 {
  return v == addedAt ? addedHead : headIn(slotOf(node, v < addedAt ? v : v - 1), headBytesOf(node));
}

function cellWith(node: usize, v: u32): usize {
  return v == addedAt ? (addedBytes == 0 ? 0 : addedCell) : cellOf(node, v < addedAt ? v : v - 1);
}

/**
 * Decides where a full leaf or inner node is split: in the middle of its bytes; for a slot behind all of a tree, or before
 * all, so that the full node stays full, because there the next one will be too.
 */
function planSplit(node: usize, isOuter: bool): void {
  const count = countOf(node);
  const stride = slotBytes(levelOf(node), formOf(node));
  const all = usedBytes(node, capacityOf(node)) - NODE_HEADER + stride + addedBytes;
  if (isOuter) {
    splitAt = addedAt == count ? count : 1;
    leftBytes = addedAt == count ? all - stride - addedBytes : stride + addedBytes;
  } else {
    const half = all >> 1;
    let sum: u32 = 0;
    let v: u32 = 0;
    while (v < count) {
      const bytes = stride + (v == addedAt ? addedBytes : cellBytes(node, cellWith(node, v)));
      // The one that crosses the middle goes to the side that it is more on.
      if (sum + bytes > half && (v > 0 && sum + bytes - half >= half - sum)) break;
      sum += bytes;
      v++;
      if (sum >= half) break;
    }
    splitAt = min(v, count);
    leftBytes = sum;
  }
  rightBytes = all - leftBytes;
  planBound(node);
}

/** The shortest (head, text) that is above all on the left and not above anything on the right. */
function planBound(node: usize): void {
  boundHead = headWith(node, splitAt);
  boundText = 0;
  boundLength = 0;
  if (levelOf(node) != 0 || headBytesOf(node) == 0) return;
  if (headWith(node, splitAt - 1) != boundHead) return;
  const left = cellWith(node, splitAt - 1);
  const right = cellWith(node, splitAt);
  const a = wholeOf(left);
  const b = wholeOf(right);
  if (a == 0 || b == 0) return; // noted as missing
  const leftLength = lengthOf(left);
  let common: u32 = 0;
  while (common < leftLength && load<u8>(a + common) == load<u8>(b + common)) common++;
  boundText = b;
  boundLength = common + 1;
}

function isOuterSlot(path: usize, level: u32): bool {
  const i = slotAt(path, level);
  return i == 0 ? isAlongEdge(path, level, false) : i == countOf(nodeAt(path, level)) && isAlongEdge(path, level, true);
}

/** Whether the path runs along one edge of the tree above `level`. */
function isAlongEdge(path: usize, level: u32, right: bool): bool {
  for (let above: u32 = 0; above < level; above++) {
    if (slotAt(path, above) != (right ? countOf(nodeAt(path, above)) - 1 : 0)) return false;
  }
  return true;
}

/**
 * How many bytes of records putting a cell of `bytes` at the path's place may add at most; 0 when its leaf has room. Notes
 * blobs that a split would have to compare and that are missing.
 */
export function planInsert(path: usize, bytes: u32): u32 {
  const leaf = leafOf(path);
  const capacity = capacityOf(leaf);
  const used = usedBytes(leaf, capacity) + slotBytes(0, formOf(leaf)) + bytes;
  if (used <= capacity) return 0;
  if (used <= longest(leaf)) return NODE_RECORD_BYTES;
  areTextsIn(leaf);
  return (depthOf(path) + 2) * NODE_RECORD_BYTES +
    (headBytesOf(leaf) != 0 && mayHaveBlobs(leaf) ? BLOB_RECORD_BYTES + 32 : 0);
}

/** Whether the blobs that comparisons in a node may need are here. */
export function areTextsIn(node: usize): bool {
  if (!mayHaveBlobs(node)) return true;
  const count = countOf(node);
  for (let i: u32 = 0; i < count; i++) {
    const text = cellOf(node, i);
    if (text != 0) wholeOf(text);
  }
  return missingCount == 0;
}

/** Whether those for all nodes of the path are. */
export function areTextsHere(path: usize): bool {
  const depth = depthOf(path);
  for (let level: u32 = 0; level < depth; level++) areTextsIn(nodeAt(path, level));
  return missingCount == 0;
}

/** A longer bound is a blob: so an inner node has room for twenty children, and no tree comes near MAX_DEPTH. */
const BOUND_LIMIT: u32 = 64;
const boundCell: usize = memory.data(512, 8);
const before: usize = memory.data(2048, 8);

/** Puts a slot at the path's place. The path is writable, its elements are counted, and there is room. */
export function insertAt(path: usize, head: u64, cell: usize, bytes: u32): void {
  addedHead = head;
  addedCell = cell;
  addedBytes = bytes;
  for (let level = i32(depthOf(path)) - 1; level >= 0; level--) {
    addedAt = slotAt(path, level);
    let node = nodeAt(path, level);
    if (canHold(path, level, slotBytes(levelOf(node), formOf(node)) + addedBytes)) {
      node = nodeAt(path, level);
      addSlot(node, capacityOf(node), addedAt, addedHead, addedCell, addedBytes);
      if (levelOf(node) > 0) memory.copy(referenceOf(node, addedAt), addedReference, REFERENCE_BYTES);
      return;
    }
    const right = split(path, level);
    node = nodeAt(path, level);
    putReference(addedReference, elementsBelow(right), madeObject, madeAddress);
    setElements(referenceAt(path, level), elementsBelow(node));
    if (level == 0) growTop(path, node);
    else setSlotAt(path, level - 1, slotAt(path, level - 1) + 1);
  }
}

/** Splits a node with the new slot in it, and makes the bound of the right half, which it returns, the new slot for the level above. */
function split(path: usize, at: u32): usize {
  let node = nodeAt(path, at);
  planSplit(node, isOuterSlot(path, at));
  const level = levelOf(node);
  const form = formOf(node);
  const count = countOf(node);
  // Where slots are long, one half may be longer than nodes are made otherwise.
  const right = newNode(level, form, NODE_HEADER + rightBytes);
  const rightObject = madeObject;
  const rightAddress = madeAddress;
  let bytes: u32 = 0;
  if (level > 0) {
    const cell = cellWith(node, splitAt);
    bytes = cellBytes(node, cell);
    if (bytes != 0) memory.copy(boundCell, cell, bytes);
  } else if (boundLength > BOUND_LIMIT) {
    const object = newObject();
    writeBlob(object, boundText, boundLength);
    bytes = putBlob(boundCell, boundLength, object);
  } else if (boundLength > 0) {
    bytes = putText(boundCell, boundText, boundLength);
  }
  if (NODE_HEADER + leftBytes > capacityOf(node)) {
    rewrite(path, at, padded(NODE_HEADER + leftBytes));
    node = nodeAt(path, at);
  }
  const capacity = capacityOf(node);
  memory.copy(before, node, capacity);
  initNode(node, level, form, capacity);
  fill(node, before, 0, splitAt);
  fill(right, before, splitAt, count + 1);
  if (level > 0) dropBound(right);
  addedHead = boundHead;
  addedBytes = bytes;
  if (bytes != 0) memory.copy(separator, boundCell, bytes);
  addedCell = separator;
  madeObject = rightObject;
  madeAddress = rightAddress;
  return right;
}
const separator: usize = memory.data(512, 8);

/** The bound of a first slot means nothing. */
function dropBound(node: usize): void {
  replaceCell(node, capacityOf(node), 0, 0, 0);
}

/** Appends slots [from, to) of `source` with the new slot in it. */
function fill(node: usize, source: usize, from: u32, to: u32): void {
  const until = min(to, addedAt);
  if (from < until) appendSlots(node, source, from, until);
  if (from <= addedAt && addedAt < to) {
    const i = countOf(node);
    addSlot(node, capacityOf(node), i, addedHead, addedCell, addedBytes);
    if (levelOf(node) > 0) memory.copy(referenceOf(node, i), addedReference, REFERENCE_BYTES);
  }
  const rest = max(from, addedAt + 1);
  if (rest < to) appendSlots(node, source, rest - 1, to - 1);
}

/** Puts a new top over the old one, `left`, and what was split from it. */
function growTop(path: usize, left: usize): void {
  const reference = referenceAt(path, 0);
  const rightObject = objectIn(addedReference);
  const rightAddress = hintIn(addedReference);
  const rightElements = elementsIn(addedReference);
  const leftElements = elementsIn(reference);
  const top = newNode(levelOf(left) + 1, formOf(left), 0);
  addSlot(top, capacityOf(top), 0, 0, 0, 0);
  memory.copy(referenceOf(top, 0), reference, REFERENCE_BYTES);
  addSlot(top, capacityOf(top), 1, addedHead, addedCell, addedBytes);
  putReference(referenceOf(top, 1), rightElements, rightObject, rightAddress);
  putReference(reference, leftElements + rightElements, madeObject, madeAddress);
}

/** Whether a node is to be joined with a neighbour: it uses less than a quarter. */
function isSparse(node: usize): bool {
  return usedBytes(node, capacityOf(node)) < limitOf(levelOf(node), formOf(node)) / 4;
}

/**
 * Takes `count` slots out of the path's leaf, from its place on. The path is writable, its elements are counted, and what
 * the cells own has been freed. Empty nodes go, sparse ones are joined with a neighbour if that is here.
 */
export function removeAt(path: usize, count: u32): void {
  let level = i32(depthOf(path)) - 1;
  const leaf = nodeAt(path, level);
  const i = slotAt(path, level);
  removeSlots(leaf, i, i + count);
  tidyUp(path, level);
}

/** After slots have gone from the path's node at `level`: removes it if it is empty, joins it if it is sparse, and so on up. */
export function tidyUp(path: usize, level: i32): void {
  while (level > 0) {
    const node = nodeAt(path, level);
    if (countOf(node) == 0) {
      const entry = entryOf(path, level);
      freeRecord(usize(load<u32>(entry)), load<u64>(entry, 8));
      removeChild(path, level - 1, slotAt(path, level - 1));
    } else if (!isSparse(node) || !join(path, level)) {
      break;
    }
    level--;
  }
  if (level <= 0) shrinkTop(path);
}

/** Frees the path's leaf as it is, and takes it out of the tree. */
export function dropLeaf(path: usize): void {
  const level = depthOf(path) - 1;
  makeWritableTo(path, level);
  const entry = entryOf(path, level);
  freeRecord(usize(load<u32>(entry)), load<u64>(entry, 8));
  if (level == 0) {
    putReference(referenceAt(path, 0), 0, 0, 0);
    return;
  }
  removeChild(path, level - 1, slotAt(path, level - 1));
  tidyUp(path, level - 1);
}

/** Takes a child's slot out of the path's node at `level`, and its bound. */
export function removeChild(path: usize, level: u32, i: u32): void {
  const node = nodeAt(path, level);
  const bound = cellOf(node, i);
  if (bound != 0 && i > 0) freeText(bound);
  removeSlots(node, i, i + 1);
  // What follows is first now: its bound means nothing any more.
  if (i == 0 && countOf(node) > 0 && cellOf(node, 0) != 0) {
    freeText(cellOf(node, 0));
    dropBound(node);
  }
}

/** While the top has a single child, that takes its place; an empty top goes. */
function shrinkTop(path: usize): void {
  const reference = referenceAt(path, 0);
  while (true) {
    const record = resolve(reference);
    const node = record + NODE_OFFSET;
    if (record == 0) return forgetMissing();
    const count = countOf(node);
    if (count > 1 || (count == 1 && levelOf(node) == 0)) return;
    const at = resolvedAddress;
    if (count == 1) memory.copy(reference, referenceOf(node, 0), REFERENCE_BYTES);
    else putReference(reference, 0, 0, 0);
    freeRecord(record, at);
    if (count == 0) return;
  }
}

/** Joins the path's node at `level` with a neighbour below the same parent. False when there is none that fits. */
function join(path: usize, level: u32): bool {
  const parent = nodeAt(path, level - 1);
  const i = slotAt(path, level - 1);
  return (i + 1 < countOf(parent) && joinPair(path, level, i)) || (i > 0 && joinPair(path, level, i - 1));
}

/** A neighbour that is not here is not worth waiting for. */
function isNotHere(): bool {
  forgetMissing();
  return false;
}

/** Moves all of child `i + 1` of the parent into child `i`, if that is no more than three quarters of a node then. */
function joinPair(path: usize, level: u32, i: u32): bool {
  const parent = nodeAt(path, level - 1);
  const left = resolve(referenceOf(parent, i));
  if (left == 0) return isNotHere();
  const leftAddress = resolvedAddress;
  const rightReference = referenceOf(parent, i + 1);
  const right = resolve(rightReference);
  if (right == 0) return isNotHere();
  const rightAddress = resolvedAddress;
  const source = right + NODE_OFFSET;
  // A bound comes down into inner nodes.
  const bound = levelOf(source) > 0 ? cellOf(parent, i + 1) : 0;
  const boundBytes = cellBytes(parent, bound);
  let target = left + NODE_OFFSET;
  const bytes = usedBytes(target, capacityOf(target)) + usedBytes(source, capacityOf(source)) + boundBytes;
  if (bytes > (limitOf(levelOf(source), formOf(source)) / 4) * 3) return false;
  if (isOwed(leftAddress) || bytes > capacityOf(target)) {
    const more = bytes - usedBytes(target, capacityOf(target));
    target = copyNode(left, leftAddress, copyBytes(target, more)) + NODE_OFFSET;
    setHint(referenceOf(parent, i), allocated);
  }
  const capacity = capacityOf(target);
  const at = countOf(target);
  // Tidied, so that the cells have room in one piece.
  memory.copy(before, target, capacity);
  initNode(target, levelOf(before), formOf(before), capacity);
  appendSlots(target, before, 0, at);
  appendSlots(target, source, 0, countOf(source));
  if (levelOf(target) > 0) {
    const headBytes = headBytesOf(parent);
    memory.copy(slotOf(target, at), slotOf(parent, i + 1), headBytes);
    replaceCell(target, capacity, at, bound, boundBytes);
  }
  const reference = referenceOf(parent, i);
  setElements(reference, elementsIn(reference) + elementsIn(rightReference));
  freeRecord(right, rightAddress);
  if (levelOf(target) == 0 && cellOf(parent, i + 1) != 0) freeText(cellOf(parent, i + 1));
  removeSlots(parent, i + 1, i + 2);
  return true;
}
