// A node of a tree: slots in order, growing up, and a heap of cells, growing down. It is the value of a record of
// KIND_TREE, or of a small collection's root.
//
//   0       1      2       4            6            8
//   | level | form | count | heap start | dead bytes | slots … | free | … cells |
//     u8      u8     u16     u16          u16
//
//   slot of a leaf (level 0):   | head | cell u16 |
//   slot of an inner node:      | head | cell u16 | reference to a child, 16 bytes |
//   reference:                  | elements u32 | object u48 | hint u48 |
//
// The form says how long heads are (0, 4 or 8 bytes; the low half) and how many strings a leaf's cell has (the high half); its
// highest bit says that there may be blobs among the first ones.
// Nodes are ordered by (head, first string). A head is a hash, or a score made comparable; lists have none. A slot's
// `cell` is the offset of its cell from the node's start. In inner nodes head and cell are a lower bound of what is below
// the child, cut as short as possible, 0 for an empty one; those of the first slot mean nothing. The hint is the address
// at which the child was last seen. It means nothing outside this memory, and stored nodes have zeros there.

import { isTiered } from "./log";
import { ADDRESS_MASK } from "./record";
import { compareText, copyShort, isBlob, OBJECT_MASK, textBytes } from "./text";

export const NODE_HEADER: u32 = 8;
/** The longest a node gets. */
export const NODE_BYTES: u32 = 2024;
/**
 * Where the log is on files, each commit writes the nodes that have changed. Many changes that share a commit meet in inner nodes,
 * few in leaves. Of a thousand new scores in a set of a million each writes 4.9 KB with leaves of up to 2 KB, 3.6 KB with these,
 * 3.3 KB with 1,000 bytes. But the shorter they are, the more of them are made and read: with 1,000 bytes inserting takes a
 * tenth longer and `zrank` a twentieth. Lists change at their ends, and are read in ranges.
 */
const FILED_LEAF_BYTES: u32 = 1256;

/** How long a node is made, unless what it has to hold is longer; and the most that it grows to. */
export function limitOf(level: u32, form: u32): u32 {
  return level == 0 && isTiered && form != FORM_LIST ? FILED_LEAF_BYTES : NODE_BYTES;
}
/** What the first byte is where a value is not a node. */
export const LEVEL_FOREST: u32 = 254;
export const LEVEL_RECLAIM: u32 = 255;

export const REFERENCE_BYTES: u32 = 16;

export const FORM_LIST: u32 = 0x10;
export const FORM_HASH: u32 = 0x24;
export const FORM_SET: u32 = 0x14;
export const FORM_SCORES: u32 = 0x18;
// Small hashes and sets do without heads, and are in the order of their bytes.
export const FORM_SMALL_HASH: u32 = 0x20;
export const FORM_SMALL_SET: u32 = 0x10;

export function levelOf(node: usize): u32 {
  return load<u8>(node);
}

export function formOf(node: usize): u32 {
  return load<u8>(node, 1) & 0x7f;
}

/** Whether the first string of some cell may be a blob. */
export function mayHaveBlobs(node: usize): bool {
  return (load<u8>(node, 1) & BLOBS) != 0;
}

function noteBlob(node: usize, cell: usize): void {
  if (isBlob(cell)) store<u8>(node, load<u8>(node, 1) | BLOBS, 1);
}
const BLOBS: u32 = 0x80;

export function headBytesOf(node: usize): u32 {
  return load<u8>(node, 1) & 15;
}

export function countOf(node: usize): u32 {
  return load<u16>(node, 2);
}

function setCount(node: usize, count: u32): void {
  store<u16>(node, count, 2);
}

function heapOf(node: usize): u32 {
  return load<u16>(node, 4);
}

function deadOf(node: usize): u32 {
  return load<u16>(node, 6);
}

function setDead(node: usize, dead: u32): void {
  store<u16>(node, dead, 6);
}

export function initNode(node: usize, level: u32, form: u32, capacity: u32): void {
  store<u8>(node, level);
  store<u8>(node, form, 1);
  store<u16>(node, 0, 2);
  store<u16>(node, capacity, 4);
  store<u16>(node, 0, 6);
}

export function slotBytes(level: u32, form: u32): u32 {
  return (form & 15) + (level == 0 ? 2 : 2 + REFERENCE_BYTES);
}

function strideOf(node: usize): u32 {
  return slotBytes(levelOf(node), formOf(node));
}

export function slotOf(node: usize, i: u32): usize {
  return node + NODE_HEADER + i * strideOf(node);
}

/** The head of a slot, as a u64 that orders like it. */
export function headIn(slot: usize, headBytes: u32): u64 {
  return headBytes == 4 ? u64(load<u32>(slot)) : headBytes == 8 ? load<u64>(slot) : 0;
}

export function putHead(slot: usize, headBytes: u32, head: u64): void {
  if (headBytes == 4) store<u32>(slot, u32(head));
  else if (headBytes == 8) store<u64>(slot, head);
}

/** The cell of slot `i`, or 0 where it has none. */
export function cellOf(node: usize, i: u32): usize {
  const offset = u32(load<u16>(slotOf(node, i) + headBytesOf(node)));
  return offset == 0 ? 0 : node + offset;
}

export function cellBytes(node: usize, cell: usize): u32 {
  if (cell == 0) return 0;
  const first = textBytes(cell);
  return levelOf(node) == 0 && (formOf(node) >> 4) == 2 ? first + textBytes(cell + first) : first;
}

/** The second string of a cell. */
export function secondOf(cell: usize): usize {
  return cell + textBytes(cell);
}

export function referenceOf(node: usize, i: u32): usize {
  return slotOf(node, i) + headBytesOf(node) + 2;
}

export function elementsIn(reference: usize): u32 {
  return load<u32>(reference);
}

export function setElements(reference: usize, elements: u32): void {
  store<u32>(reference, elements);
}

export function objectIn(reference: usize): u64 {
  return load<u64>(reference, 4) & OBJECT_MASK;
}

export function hintIn(reference: usize): u64 {
  return load<u64>(reference, 10) & ADDRESS_MASK;
}

export function setHint(reference: usize, address: u64): void {
  store<u32>(reference, u32(address), 10);
  store<u16>(reference, u16(address >> 32), 14);
}

export function putReference(reference: usize, elements: u32, object: u64, address: u64): void {
  store<u32>(reference, elements);
  store<u32>(reference, u32(object), 4);
  store<u16>(reference, u16(object >> 32), 8);
  setHint(reference, address);
}

/** How many elements lie below a node. */
export function elementsBelow(node: usize): u32 {
  const count = countOf(node);
  if (levelOf(node) == 0) return count;
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) sum += elementsIn(referenceOf(node, i));
  return sum;
}

/** Bytes of `capacity` that slots and living cells take, with the header. */
export function usedBytes(node: usize, capacity: u32): u32 {
  return NODE_HEADER + countOf(node) * strideOf(node) + capacity - heapOf(node) - deadOf(node);
}

/** Whether a slot with a cell of `bytes` has room, perhaps after tidying up. */
export function hasRoom(node: usize, capacity: u32, bytes: u32): bool {
  return usedBytes(node, capacity) + strideOf(node) + bytes <= capacity;
}

const old: usize = memory.data(2048, 8);

/** Writes the cells anew, without gaps. */
function tidy(node: usize, capacity: u32): void {
  memory.copy(old, node, capacity);
  rebuild(node, capacity, old);
}

/** Like tidy(), and what is free is zeros: a node that is stored must not carry what was removed, or lay there before. */
export function clean(node: usize, capacity: u32): void {
  memory.copy(old, node, capacity);
  memory.fill(node, 0, capacity);
  rebuild(node, capacity, old);
}

/** Makes `node` hold what `source`, another place, does, in `capacity` bytes. */
export function rebuild(node: usize, capacity: u32, source: usize): void {
  initNode(node, levelOf(source), formOf(source), capacity);
  appendSlots(node, source, 0, countOf(source));
}

/** Appends slots of `source`, a node of the same level and form, to a node with room for them and without gaps. */
export function appendSlots(node: usize, source: usize, from: u32, to: u32): void {
  const stride = strideOf(node);
  const headBytes = headBytesOf(node);
  let count = countOf(node);
  let slot = slotOf(node, count);
  let sourceSlot = slotOf(source, from);
  memory.copy(slot, sourceSlot, (to - from) * stride);
  let heap = heapOf(node);
  for (let i = from; i < to; i++) {
    const offset = u32(load<u16>(sourceSlot + headBytes));
    if (offset != 0) {
      const cell = source + offset;
      const bytes = cellBytes(source, cell);
      heap -= bytes;
      copyCell(node + heap, cell, bytes);
      noteBlob(node, cell);
      store<u16>(slot + headBytes, heap);
    }
    slot += stride;
    sourceSlot += stride;
  }
  count += to - from;
  setCount(node, count);
  store<u16>(node, heap, 4);
}

function copyCell(out: usize, cell: usize, bytes: u32): void {
  if (bytes > 64) memory.copy(out, cell, bytes);
  else copyShort(out, cell, bytes);
}

/** Puts a slot at `i` into a node that has room. The reference of an inner slot is the caller's to write. */
export function addSlot(node: usize, capacity: u32, i: u32, head: u64, cell: usize, bytes: u32): void {
  const stride = strideOf(node);
  const count = countOf(node);
  if (NODE_HEADER + (count + 1) * stride + bytes > heapOf(node)) tidy(node, capacity);
  const slot = slotOf(node, i);
  if (i < count) memory.copy(slot + stride, slot, (count - i) * stride);
  setCount(node, count + 1);
  const headBytes = headBytesOf(node);
  putHead(slot, headBytes, head);
  store<u16>(slot + headBytes, 0);
  if (bytes != 0) putCell(node, slot + headBytes, cell, bytes);
}

function putCell(node: usize, place: usize, cell: usize, bytes: u32): void {
  const heap = heapOf(node) - bytes;
  store<u16>(node, heap, 4);
  copyCell(node + heap, cell, bytes);
  noteBlob(node, cell);
  store<u16>(place, heap);
}

/** Takes slots out; what their cells own is the caller's business. */
export function removeSlots(node: usize, from: u32, to: u32): void {
  let dead = deadOf(node);
  for (let i = from; i < to; i++) dead += cellBytes(node, cellOf(node, i));
  setDead(node, dead);
  const count = countOf(node);
  if (to < count) memory.copy(slotOf(node, from), slotOf(node, to), (count - to) * strideOf(node));
  setCount(node, count - (to - from));
}

/** Replaces the cell of slot `i`; false when it has no room. */
export function replaceCell(node: usize, capacity: u32, i: u32, cell: usize, bytes: u32): bool {
  const current = cellOf(node, i);
  const currentBytes = cellBytes(node, current);
  if (current != 0 && currentBytes == bytes) {
    copyCell(current, cell, bytes);
    noteBlob(node, cell);
    return true;
  }
  if (usedBytes(node, capacity) - currentBytes + bytes > capacity) return false;
  setDead(node, deadOf(node) + currentBytes);
  store<u16>(slotOf(node, i) + headBytesOf(node), 0);
  if (NODE_HEADER + countOf(node) * strideOf(node) + bytes > heapOf(node)) tidy(node, capacity);
  if (bytes != 0) putCell(node, slotOf(node, i) + headBytesOf(node), cell, bytes);
  return true;
}

/** Whether the last search met the key itself. */
export let isMatch: bool = false;

/** Compares slot `i` with (head, key). */
function compareSlot(node: usize, i: u32, headBytes: u32, head: u64, key: usize, keyLength: u32): i32 {
  const slot = slotOf(node, i);
  const own = headIn(slot, headBytes);
  if (own != head) return own < head ? -1 : 1;
  const offset = u32(load<u16>(slot + headBytes));
  if (offset == 0) return keyLength == 0 ? 0 : -1;
  return compareText(node + offset, key, keyLength);
}

/** The first slot from `low` on that is not below (head, key), by binary search over heads. `isMatch` says if it is equal. */
export function lowerBound(node: usize, low: u32, head: u64, key: usize, keyLength: u32): u32 {
  const headBytes = headBytesOf(node);
  const stride = strideOf(node);
  const slots = node + NODE_HEADER;
  let high = countOf(node);
  while (low < high) {
    const middle = (low + high) >> 1;
    const own = headIn(slots + middle * stride, headBytes);
    if (own < head || (own == head && compareSlot(node, middle, headBytes, head, key, keyLength) < 0)) low = middle + 1;
    else high = middle;
  }
  isMatch = low < countOf(node) && compareSlot(node, low, headBytes, head, key, keyLength) == 0;
  return low;
}

/** The slot of the child that (head, key) is below. */
export function childFor(node: usize, head: u64, key: usize, keyLength: u32): u32 {
  const i = lowerBound(node, 1, head, key, keyLength);
  return isMatch ? i : i - 1;
}
