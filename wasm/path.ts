// Paths through trees: from the top, where a root refers to it, to a leaf. A node is known by its object number, so that
// moving it changes no other; a reference has the number of elements below it beside, so that positions and ranks are found
// on the way down. Finding that a node is not here leaves a note of it.

import { distance, head, pointerOf } from "./log";
import { noteRead } from "./keyspace";
import { address } from "./hash_index";
import { bitsOf, FLAG_REFERENCED, KIND_TREE, valueLengthOf } from "./record";
import {
  childFor,
  countOf,
  elementsIn,
  formOf,
  hintIn,
  levelOf,
  lowerBound,
  objectIn,
  REFERENCE_BYTES,
  referenceOf,
  setHint,
  slotBytes,
} from "./node";
import { locatePart, missingCount } from "./text";

/** A tree node's record: header and key, then the node. */
export const NODE_OFFSET: usize = 24;
/** The longest record of a node. */
export const NODE_RECORD_BYTES: u32 = 2048;

/** How long a tree's node is: as long as the value of its record. */
export function capacityOf(node: usize): u32 {
  return valueLengthOf(node - NODE_OFFSET);
}

// A path from the top to a leaf: | depth u32 | tree u32 | then for each level: record u32, slot u32, address u64 |. Two of
// them, as a sorted set has two trees.
const MAX_DEPTH: u32 = 16;
export const pathA: usize = memory.data(264, 8);
export const pathB: usize = memory.data(264, 8);

export function depthOf(path: usize): u32 {
  return load<u32>(path);
}

export function entryOf(path: usize, level: u32): usize {
  return path + 8 + (level << 4);
}

export function nodeAt(path: usize, level: u32): usize {
  return usize(load<u32>(entryOf(path, level))) + NODE_OFFSET;
}

export function slotAt(path: usize, level: u32): u32 {
  return load<u32>(entryOf(path, level), 4);
}

export function setSlotAt(path: usize, level: u32, i: u32): void {
  store<u32>(entryOf(path, level), i, 4);
}

export function leafOf(path: usize): usize {
  return nodeAt(path, depthOf(path) - 1);
}

export function leafAddress(path: usize): u64 {
  return load<u64>(entryOf(path, depthOf(path) - 1), 8);
}

export function leafSlot(path: usize): u32 {
  return slotAt(path, depthOf(path) - 1);
}

/** Where the references to the tops of trees start, in a root's value; it is set before each use of trees. */
let forest: usize = 0;

export function setForest(references: usize): void {
  forest = references;
}

export function topReference(tree: u32): usize {
  return forest + tree * REFERENCE_BYTES;
}

/** The reference through which the path comes to its node at `level`. */
export function referenceAt(path: usize, level: u32): usize {
  return level == 0 ? topReference(load<u32>(path, 4)) : referenceOf(nodeAt(path, level - 1), slotAt(path, level - 1));
}

/** Where the last resolve() has found its node. */
export let resolvedAddress: u64 = 0;

/** The record of the node that a reference names, or 0 and a note when it is not here. */
export function resolve(reference: usize): usize {
  const object = objectIn(reference);
  const hint = hintIn(reference);
  // An address between head and tail holds what was written there, dead or alive: no other record ever starts inside.
  if (hint != 0 && distance(hint) - 1 < distance(head)) {
    const record = pointerOf(hint);
    if ((bitsOf(record) & ~FLAG_REFERENCED) == KIND_TREE && load<u64>(record, 16) == object << 16) {
      resolvedAddress = hint;
      noteRead(record);
      return record;
    }
  }
  const record = locatePart(object, 0);
  if (record == 0) return 0;
  noteRead(record);
  resolvedAddress = address;
  setHint(reference, address);
  return record;
}

function beginPath(path: usize, tree: u32): void {
  store<u32>(path, 0);
  store<u32>(path, tree, 4);
}

/** Adds the node that `reference` names to the path; 0 when it is not here. */
function enter(path: usize, reference: usize): usize {
  const record = resolve(reference);
  if (record == 0) return 0;
  const depth = depthOf(path);
  assert(depth < MAX_DEPTH);
  const entry = entryOf(path, depth);
  store<u32>(entry, u32(record));
  store<u64>(entry, resolvedAddress, 8);
  store<u32>(path, depth + 1);
  return record + NODE_OFFSET;
}

/**
 * Goes to the element at `position`; with `inserts`, to where one can be put that gets it. False when a node is missing.
 */
export function descendTo(path: usize, tree: u32, position: u32, inserts: bool): bool {
  beginPath(path, tree);
  let left = inserts ? position : position + 1;
  let elements = elementsIn(topReference(tree));
  let node = enter(path, topReference(tree));
  while (node != 0) {
    const level = depthOf(path) - 1;
    if (levelOf(node) == 0) {
      setSlotAt(path, level, inserts ? left : left - 1);
      return true;
    }
    const stride = slotBytes(1, formOf(node));
    let i: u32 = 0;
    let reference = referenceOf(node, 0);
    let before: u32 = 0;
    if (left <= elements >> 1) {
      while (left > before + elementsIn(reference)) {
        before += elementsIn(reference);
        i++;
        reference += stride;
      }
    } else {
      // From the end, which is where most lists grow and shrink.
      i = countOf(node) - 1;
      reference += i * stride;
      before = elements - elementsIn(reference);
      while (left <= before && i > 0) {
        i--;
        reference -= stride;
        before -= elementsIn(reference);
      }
    }
    left -= before;
    elements = elementsIn(reference);
    setSlotAt(path, level, i);
    node = enter(path, reference);
  }
  return false;
}

/** Goes to the first element that is not below (head, key); node.ts's isMatch says if it is equal. */
export function descendKey(path: usize, tree: u32, head: u64, key: usize, keyLength: u32): bool {
  beginPath(path, tree);
  let node = enter(path, topReference(tree));
  while (node != 0) {
    const level = depthOf(path) - 1;
    const isLeaf = levelOf(node) == 0;
    const i = isLeaf ? lowerBound(node, 0, head, key, keyLength) : childFor(node, head, key, keyLength);
    if (missingCount != 0) return false;
    setSlotAt(path, level, i);
    if (isLeaf) return true;
    node = enter(path, referenceOf(node, i));
  }
  return false;
}

/** Goes to the last leaf. */
export function descendLast(path: usize, tree: u32): bool {
  beginPath(path, tree);
  let node = enter(path, topReference(tree));
  while (node != 0 && levelOf(node) > 0) {
    const last = countOf(node) - 1;
    setSlotAt(path, depthOf(path) - 1, last);
    node = enter(path, referenceOf(node, last));
  }
  return node != 0;
}

/**
 * Goes towards the element at `position`, but stops above a child that starts there and has no more than `elements`.
 * The path then ends with the node above it. False when a node is missing.
 */
export function descendToCut(path: usize, tree: u32, position: u32, elements: u32): bool {
  beginPath(path, tree);
  let left = position;
  let node = enter(path, topReference(tree));
  while (node != 0) {
    const level = depthOf(path) - 1;
    if (levelOf(node) == 0) {
      setSlotAt(path, level, left);
      return true;
    }
    let i: u32 = 0;
    while (left >= elementsIn(referenceOf(node, i))) {
      left -= elementsIn(referenceOf(node, i));
      i++;
    }
    setSlotAt(path, level, i);
    if (left == 0 && elementsIn(referenceOf(node, i)) <= elements) return true;
    node = enter(path, referenceOf(node, i));
  }
  return false;
}

/** How many elements come before the path's place. */
export function rankOf(path: usize): u32 {
  const leafLevel = depthOf(path) - 1;
  let rank = slotAt(path, leafLevel);
  for (let level: u32 = 0; level < leafLevel; level++) {
    const node = nodeAt(path, level);
    const end = slotAt(path, level);
    const stride = slotBytes(1, formOf(node));
    let reference = referenceOf(node, 0);
    for (let i: u32 = 0; i < end; i++) {
      rank += elementsIn(reference);
      reference += stride;
    }
  }
  return rank;
}

/** Goes to the start of the next leaf; false at the end, or when it is missing. Notes missing leaves of `wanted` elements. */
export function nextLeaf(path: usize, wanted: u32): bool {
  const depth = depthOf(path);
  let level = i32(depth) - 2;
  while (level >= 0 && slotAt(path, level) + 1 >= countOf(nodeAt(path, level))) level--;
  if (level < 0) return false;
  const node = nodeAt(path, level);
  const i = slotAt(path, level) + 1;
  setSlotAt(path, level, i);
  store<u32>(path, level + 1);
  let below = enter(path, referenceOf(node, i));
  if (below == 0) {
    noteSiblings(node, i, wanted);
    return false;
  }
  while (levelOf(below) > 0) {
    setSlotAt(path, depthOf(path) - 1, 0);
    const parent = below;
    below = enter(path, referenceOf(parent, 0));
    if (below == 0) {
      noteSiblings(parent, 0, wanted);
      return false;
    }
  }
  setSlotAt(path, depthOf(path) - 1, 0);
  return true;
}

/** One read from a slow place for each leaf of a long range would wait for each: all that are missing are asked for at once. */
function noteSiblings(node: usize, from: u32, wanted: u32): void {
  const count = countOf(node);
  let elements = elementsIn(referenceOf(node, from));
  for (let i = from + 1; i < count && elements < wanted; i++) {
    resolve(referenceOf(node, i));
    elements += elementsIn(referenceOf(node, i));
  }
}
