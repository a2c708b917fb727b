// Reading many elements of a collection in one call.

import { MISSING } from "./answers";
import { found } from "./batch";
import { scratch, SCRATCH_VALUE } from "./frames";
import { cellOf, countOf, headBytesOf, headIn, secondOf, slotOf } from "./node";
import { KIND_ZSET } from "./record";
import { elements, isForest, openRoot, smallNode } from "./root";
import { scoreOf } from "./score";
import { BLOB_STRING_BYTES, bytesOf, isBlob, lengthOf, missingCount } from "./text";
import { descendKey, descendTo, leafOf, leafSlot, nextLeaf, pathA, rankOf } from "./path";

/** What to collect of an element: its first string, its second one, its head, or the number that the second one is. */
const FIRST: u32 = 1;
const SECOND: u32 = 2;
const HEAD: u32 = 4;
const NUMBER: u32 = 8;

/** In place of a length: the string is a blob, and here are the bytes that stand for it. */
const BLOB_LENGTH: i32 = -2;

/** As many elements as one call gives at most. */
const MOST: u32 = 128;

/** The heads or numbers of the elements: scores as they are, hashes as numbers. */
export const numbers: usize = memory.data(1024, 8);

let out: usize = 0;
let strings: u32 = 0;

/** How many bytes the last collect() has left. */
export function collectedBytes(): u32 {
  return u32(out - scratch) - SCRATCH_VALUE;
}

function put(text: usize): void {
  const place = found + (strings << 2);
  let start = bytesOf(text);
  let length = lengthOf(text);
  store<i32>(place, length);
  if (isBlob(text)) {
    start = text;
    length = BLOB_STRING_BYTES;
    store<i32>(place, BLOB_LENGTH);
  }
  for (let i: u32 = 0; i < length; i += 8) store<u64>(out + i, load<u64>(start + i));
  out += (length + 7) & ~7;
  strings++;
}

function collectFrom(leaf: usize, i: u32, entry: u32, what: u32): void {
  const cell = cellOf(leaf, i);
  if ((what & FIRST) != 0) put(cell);
  if ((what & SECOND) != 0) put(secondOf(cell));
  if ((what & NUMBER) != 0) {
    store<f64>(numbers + (entry << 3), load<f64>(secondOf(cell), 1));
  } else if ((what & HEAD) != 0) {
    const headBytes = headBytesOf(leaf);
    const head = headIn(slotOf(leaf, i), headBytes);
    store<f64>(numbers + (entry << 3), headBytes == 8 ? scoreOf(head) : f64(head));
  }
}

/**
 * Leaves up to `count` elements of a tree from position `from` on: strings one behind another where values are, each padded
 * to 8 bytes, their lengths in `found`, heads or numbers in `numbers`. Stops after 128, or before `room` bytes are
 * exceeded, but never before the first. Answers how many elements, or a refusal. O(log n + elements).
 */
export function collect(
  keyLength: u32,
  kind: u32,
  tree: u32,
  from: u32,
  count: u32,
  what: u32,
  room: u32,
  now: f64,
): i32 {
  out = scratch + SCRATCH_VALUE;
  strings = 0;
  const opened = openRoot(keyLength, kind, now);
  if (opened != 1) return opened;
  const all = elements();
  if (from >= all) return 0;
  const wanted = min(min(count, MOST), all - from);
  const isTree = isForest();
  if (isTree && !descendTo(pathA, tree, from, false)) return MISSING;
  let leaf = isTree ? leafOf(pathA) : smallNode();
  let i = isTree ? leafSlot(pathA) : from;
  let entry: u32 = 0;
  while (entry < wanted) {
    if (i == countOf(leaf)) {
      if (!nextLeaf(pathA, wanted - entry)) return missingCount != 0 ? MISSING : entry;
      leaf = leafOf(pathA);
      i = 0;
    }
    const before = out;
    const stringsBefore = strings;
    collectFrom(leaf, i, entry, what);
    if (entry > 0 && out > scratch + SCRATCH_VALUE + room) {
      out = before;
      strings = stringsBefore;
      break;
    }
    i++;
    entry++;
  }
  return entry;
}

/** How many elements of a hash, a set, or a sorted set's second tree have a lower hash; 0 in a small one. O(log n). */
export function rankOfHash(keyLength: u32, kind: u32, hash: u32, now: f64): i32 {
  const opened = openRoot(keyLength, kind, now);
  if (opened != 1) return opened;
  if (!isForest()) return 0;
  if (!descendKey(pathA, kind == KIND_ZSET ? 1 : 0, hash, scratch, 0)) return MISSING;
  return rankOf(pathA);
}

/** Whether a collection is small: one record, not in the order of hashes. 1, 0, or WRONG_TYPE. */
export function isSmall(keyLength: u32, kind: u32, now: f64): i32 {
  const opened = openRoot(keyLength, kind, now);
  return opened != 1 ? opened : isForest() ? 0 : 1;
}
