// Lists: trees ordered by position. Positions are from 0; the host has seen to negative ones.

import { ABSENT, FITS, MISSING, OUT_OF_RANGE, TOO_BIG } from "./answers";
import { IF_PRESENT } from "./keyspace";
import { cellOf, countOf, elementsIn, levelOf, referenceOf } from "./node";
import { freeCells, pushTrees } from "./reclaim";
import { KIND_LIST } from "./record";
import { addValue, beginEntry, freeRemembered, give, rememberText } from "./entry";
import {
  addToSmall,
  admitInsert,
  createRoot,
  DROP_FRAMES,
  elements,
  insertEntry,
  isForest,
  makeForest,
  openRoot,
  ownRoot,
  removeEmptyRoot,
  removeFromSmall,
  removeRoot,
  replaceInSmall,
  replaceInTree,
  smallNode,
  TREE_FRAMES,
} from "./root";
import { admitFrames, isGuarded } from "./space";
import { depthOf, descendTo, descendToCut, leafOf, leafSlot, nodeAt, pathA, slotAt } from "./path";
import { addElements, makeWritable, removeAt, removeChild, tidyUp } from "./tree";

const AT_END: i32 = -1;

/**
 * Puts the value in the scratch area at `position`, or behind the last one where that is -1. `mode` IF_PRESENT: only into a
 * list that is there. Answers the new length, 0 where IF_PRESENT forbade it. O(log n).
 */
export function listInsert(keyLength: u32, position: i32, valueLength: i32, mode: u32, now: f64): i32 {
  beginEntry();
  addValue(valueLength);
  const opened = openRoot(keyLength, KIND_LIST, now);
  if (opened < 0) return opened;
  if (opened == 0) {
    if ((mode & IF_PRESENT) != 0) return 0;
    if (position > 0) return OUT_OF_RANGE;
    const answer = createRoot(keyLength, KIND_LIST, 0);
    return answer == FITS ? 1 : answer;
  }
  const length = elements();
  const at = position == AT_END ? length : u32(position);
  if (at > length) return OUT_OF_RANGE;
  if (!isForest()) {
    const answer = addToSmall(keyLength, at, 0);
    if (answer != TOO_BIG) return answer == FITS ? i32(length) + 1 : answer;
    const made = makeForest(keyLength);
    if (made != FITS) return made;
  }
  if (!descendTo(pathA, 0, at, true)) return MISSING;
  const answer = admitInsert(pathA, 0);
  if (answer != FITS) return answer;
  insertEntry(keyLength, pathA, 0);
  return i32(length) + 1;
}

/** The place of the element that find() has found. */
let leaf: usize = 0;
let place: u32 = 0;

/** Opens a list and finds the element at `index`, negative from the end: FITS, ABSENT or a refusal. */
function find(keyLength: u32, index: i32, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_LIST, now);
  if (opened != 1) return opened < 0 ? opened : ABSENT;
  const position = index < 0 ? i32(elements()) + index : index;
  if (position < 0 || u32(position) >= elements()) return ABSENT;
  if (isForest()) {
    if (!descendTo(pathA, 0, position, false)) return MISSING;
    leaf = leafOf(pathA);
    place = leafSlot(pathA);
  } else {
    leaf = smallNode();
    place = position;
  }
  return FITS;
}

/** Leaves the value at `index`, negative from the end, where values are: its length, ABSENT, or IS_BLOB. O(log n). */
export function listGet(keyLength: u32, index: i32, now: f64): i32 {
  const found = find(keyLength, index, now);
  return found == FITS ? give(cellOf(leaf, place)) : found;
}

/** Replaces the value at `position` by the one in the scratch area: FITS or ABSENT. O(log n). */
export function listSet(keyLength: u32, position: u32, valueLength: i32, now: f64): i32 {
  const found = find(keyLength, position, now);
  if (found != FITS) return found;
  beginEntry();
  addValue(valueLength);
  rememberText(cellOf(leaf, place));
  if (!isForest()) {
    const answer = replaceInSmall(keyLength, place);
    if (answer != TOO_BIG) return answer == FITS ? freeRemembered() : answer;
    const made = makeForest(keyLength);
    if (made != FITS) return made;
    if (!descendTo(pathA, 0, position, false)) return MISSING;
  }
  const answer = replaceInTree(keyLength, pathA, 0);
  return answer == FITS ? freeRemembered() : answer;
}

/**
 * Takes the first or last value out and leaves it where values are: its length or ABSENT. One that is a blob is left in,
 * with IS_BLOB: the host reads it, then calls listRemove(). O(log n).
 */
export function listTake(keyLength: u32, first: bool, now: f64): i32 {
  const found = find(keyLength, first ? 0 : -1, now);
  if (found != FITS) return found;
  const answer = give(cellOf(leaf, place));
  if (answer < 0) return answer;
  const removed = removeOne(keyLength);
  return removed == FITS ? answer : removed;
}

/** Removes the element that was found; it has no blob. */
function removeOne(keyLength: u32): i32 {
  if (!isForest()) return removeFromSmall(keyLength, place, place + 1);
  if (isGuarded) {
    const answer = admitFrames(TREE_FRAMES);
    if (answer != FITS) return answer;
    ownRoot(keyLength);
    makeWritable(pathA, 0);
  }
  addElements(pathA, -1);
  removeAt(pathA, 1);
  if (elements() == 0) removeEmptyRoot(keyLength);
  return FITS;
}

/**
 * Removes `count` values from `position` on, or as many as there are, and answers how many. Whole subtrees are cut off and
 * reclaimed later: O(log n + count / 100).
 */
export function listRemove(keyLength: u32, position: u32, count: u32, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_LIST, now);
  if (opened != 1) return opened;
  const length = elements();
  if (position >= length || count == 0) return 0;
  const removed = min(count, length - position);
  if (removed == length) {
    const answer = removeRoot(keyLength);
    return answer == FITS ? i32(removed) : answer;
  }
  if (!isForest()) {
    const answer = removeFromSmall(keyLength, position, position + removed);
    return answer == FITS ? i32(removed) : answer;
  }
  // All nodes that will be changed lie on the paths to the first and the last of them.
  if (!descendTo(pathA, 0, position + removed - 1, false)) return MISSING;
  if (!descendTo(pathA, 0, position, false)) return MISSING;
  const answer = admitFrames(isGuarded ? TREE_FRAMES + 1 : DROP_FRAMES);
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  let left = removed;
  while (left > 0) left -= removeSome(position, left);
  return i32(removed);
}

/** Removes elements of one leaf, or one whole subtree, from `position` on; answers how many, at most `limit`. */
function removeSome(position: u32, limit: u32): u32 {
  descendToCut(pathA, 0, position, limit);
  makeWritable(pathA, 0);
  const level = depthOf(pathA) - 1;
  const node = nodeAt(pathA, level);
  const i = slotAt(pathA, level);
  if (levelOf(node) == 0) {
    const count = min(limit, countOf(node) - i);
    freeCells(node, i, i + count);
    addElements(pathA, -i32(count));
    removeAt(pathA, count);
    return count;
  }
  const reference = referenceOf(node, i);
  const count = elementsIn(reference);
  pushTrees(reference, 1);
  addElements(pathA, -i32(count));
  removeChild(pathA, level, i);
  tidyUp(pathA, level);
  return count;
}
