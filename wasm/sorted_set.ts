// Sorted sets: a tree ordered by (score, member), and one of members with their scores, ordered like a hash's fields. A small
// one is a single leaf in the order of scores.

import { ABSENT, FITS, MISSING, NOT_A_NUMBER, TOO_BIG } from "./answers";
import { checksum } from "./checksum";
import { scratch, SCRATCH_FIELD } from "./frames";
import { IF_ABSENT, IF_PRESENT } from "./keyspace";
import { addSlot, cellOf, countOf, headIn, isMatch, lowerBound, removeSlots, secondOf, slotOf } from "./node";
import { freeCells } from "./reclaim";
import { KIND_ZSET } from "./record";
import { addField, addNumber, addText, beginEntry, cutEntry, entry, entryBytes } from "./entry";
import {
  addToSmall,
  admitInsert,
  createRoot,
  elements,
  framesToRemove,
  insertEntry,
  isForest,
  makeForest,
  openRoot,
  ownRoot,
  removeEmptyRoot,
  removeFromSmall,
  smallCapacity,
  smallNode,
  TREE_FRAMES,
} from "./root";
import { headOf, scoreOf } from "./score";
import { admitFrames, isGuarded } from "./space";
import { compareText, lengthOf, missingCount } from "./text";
import { descendKey, descendTo, leafOf, leafSlot, pathA, pathB, rankOf } from "./path";
import { addElements, areTextsHere, areTextsIn, makeLeafWritable, makeWritable, planInsert, removeAt } from "./tree";

const SCORES: u32 = 0;
const MEMBERS: u32 = 1;

// When to change a score, beside IF_ABSENT and IF_PRESENT; and that the score is to be added to the one there is.
export const IF_GREATER: u32 = 1;
export const IF_LESS: u32 = 2;
export const ADD: u32 = 4;

// What scoreSet() did.
const ADDED: i32 = 1;
const CHANGED: i32 = 2;
/** A condition forbade it. */
const FORBIDDEN: i32 = 4;

/** Where scores are left for the host. */
export const score: usize = memory.data(8, 8);

/** The member's hash. */
let head: u64 = 0;
/** Its slot in a small set's leaf. */
let place: u32 = 0;
let foundScore: f64 = 0;

/** Looks for the member in the scratch area in the set that is open: FITS, ABSENT or MISSING. */
function seek(memberLength: u32): i32 {
  const member = scratch + SCRATCH_FIELD;
  if (!isForest()) return seekSmall(member, memberLength);
  head = u64(checksum(member, memberLength));
  if (!descendKey(pathA, MEMBERS, head, member, memberLength)) return MISSING;
  if (!isMatch) return ABSENT;
  foundScore = load<f64>(secondOf(cellOf(leafOf(pathA), leafSlot(pathA))), 1);
  return FITS;
}

function seekSmall(member: usize, length: u32): i32 {
  const node = smallNode();
  const count = countOf(node);
  for (let i: u32 = 0; i < count; i++) {
    const text = cellOf(node, i);
    if (lengthOf(text) != length || compareText(text, member, length) != 0) continue;
    if (missingCount != 0) return MISSING;
    place = i;
    foundScore = scoreOf(headIn(slotOf(node, i), 8));
    return FITS;
  }
  return ABSENT;
}

/** Opens the set and looks for the member: FITS, ABSENT or a refusal. */
function find(keyLength: u32, memberLength: u32, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_ZSET, now);
  return opened == 1 ? seek(memberLength) : opened < 0 ? opened : ABSENT;
}

/** Leaves the score of a member in `score`: FITS or ABSENT. O(log n). */
export function scoreGet(keyLength: u32, memberLength: u32, now: f64): i32 {
  const found = find(keyLength, memberLength, now);
  if (found == FITS) store<f64>(score, foundScore);
  return found;
}

/** How many members come before this one, or ABSENT; its score is left in `score`. O(log n). */
export function rank(keyLength: u32, memberLength: u32, now: f64): i32 {
  const found = find(keyLength, memberLength, now);
  if (found != FITS) return found;
  store<f64>(score, foundScore);
  if (!isForest()) return place;
  const member = scratch + SCRATCH_FIELD;
  if (!descendKey(pathB, SCORES, headOf(foundScore), member, memberLength)) return MISSING;
  return rankOf(pathB);
}

/**
 * Sets the score of the member in the scratch area, or adds to it, as `mode` says, and leaves what it is then in `score`.
 * ADDED, CHANGED, 0 when it is as it was, FORBIDDEN, or a refusal. O(log n).
 */
export function scoreSet(keyLength: u32, memberLength: u32, value: f64, mode: u32, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_ZSET, now);
  if (opened < 0) return opened;
  const found = opened == 1 ? seek(memberLength) : ABSENT;
  if (found == MISSING) return MISSING;
  if (found == ABSENT) {
    if ((mode & IF_PRESENT) != 0) return FORBIDDEN;
    value += 0; // -0 becomes 0: they are one score
    store<f64>(score, value);
    return add(keyLength, memberLength, value, opened == 1);
  }
  if ((mode & IF_ABSENT) != 0) return FORBIDDEN;
  if ((mode & ADD) != 0) value += foundScore;
  value += 0;
  if (value != value) return NOT_A_NUMBER;
  if ((mode & IF_GREATER) != 0 && !(value > foundScore)) return FORBIDDEN;
  if ((mode & IF_LESS) != 0 && !(value < foundScore)) return FORBIDDEN;
  store<f64>(score, value);
  return value == foundScore ? 0 : change(keyLength, memberLength, value);
}

function add(keyLength: u32, memberLength: u32, value: f64, exists: bool): i32 {
  const member = scratch + SCRATCH_FIELD;
  const scoreHead = headOf(value);
  beginEntry();
  addField(memberLength);
  if (!exists) {
    const answer = createRoot(keyLength, KIND_ZSET, scoreHead);
    return answer == FITS ? ADDED : answer;
  }
  if (!isForest()) {
    const i = lowerBound(smallNode(), 0, scoreHead, member, memberLength);
    if (missingCount != 0) return MISSING;
    const answer = addToSmall(keyLength, i, scoreHead);
    if (answer != TOO_BIG) return answer == FITS ? ADDED : answer;
    const made = makeForest(keyLength);
    if (made != FITS) return made;
    if (seek(memberLength) == MISSING) return MISSING;
    beginEntry();
    addField(memberLength);
  }
  // Both trees are asked for room before the first is changed. The blob of a long member is the second tree's; the first
  // one's cell, which is the same without the score behind, names it too.
  if (!descendKey(pathB, SCORES, scoreHead, member, memberLength)) return MISSING;
  const memberBytes = entryBytes;
  const added = planInsert(pathB, memberBytes);
  addNumber(value);
  const answer = admitInsert(pathA, added);
  if (answer != FITS) return answer;
  insertEntry(keyLength, pathA, head);
  cutEntry(memberBytes);
  insertEntry(keyLength, pathB, scoreHead);
  return ADDED;
}

/** Moves the member that was found to where its new score puts it. */
function change(keyLength: u32, memberLength: u32, value: f64): i32 {
  if (!isForest()) return changeSmall(keyLength, memberLength, value);
  const member = scratch + SCRATCH_FIELD;
  const oldHead = headOf(foundScore);
  const newHead = headOf(value);
  beginEntry();
  addText(cellOf(leafOf(pathA), leafSlot(pathA)));
  if (!descendKey(pathB, SCORES, oldHead, member, memberLength) || !areTextsHere(pathB)) return MISSING;
  if (!descendKey(pathB, SCORES, newHead, member, memberLength) || !areTextsHere(pathB)) return MISSING;
  let answer = admitInsert(pathB, 0);
  if (answer == FITS && isGuarded) answer = admitFrames(TREE_FRAMES + 1);
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  makeLeafWritable(pathA, 0);
  store<f64>(secondOf(cellOf(leafOf(pathA), leafSlot(pathA))), value, 1);
  // Put in first: taking out may remove the very leaf, or the last one, where room has been found.
  insertEntry(keyLength, pathB, newHead);
  descendKey(pathB, SCORES, oldHead, member, memberLength);
  makeWritable(pathB, 0);
  addElements(pathB, -1);
  removeAt(pathB, 1);
  return CHANGED;
}

function changeSmall(keyLength: u32, memberLength: u32, value: f64): i32 {
  const member = scratch + SCRATCH_FIELD;
  if (!areTextsIn(smallNode())) return MISSING;
  const answer = admitFrames(isGuarded ? TREE_FRAMES : 0);
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  const node = smallNode();
  beginEntry();
  addText(cellOf(node, place));
  removeSlots(node, place, place + 1);
  // The room that it had is there again.
  addSlot(
    node,
    smallCapacity(),
    lowerBound(node, 0, headOf(value), member, memberLength),
    headOf(value),
    entry,
    entryBytes,
  );
  return CHANGED;
}

/** Removes a member: 1 when it was there, 0 when not. O(log n). */
export function scoreRemove(keyLength: u32, memberLength: u32, now: f64): i32 {
  const found = find(keyLength, memberLength, now);
  if (found != FITS) return found == ABSENT ? 0 : found;
  if (!isForest()) {
    const answer = removeFromSmall(keyLength, place, place + 1);
    return answer == FITS ? 1 : answer;
  }
  if (!descendKey(pathB, SCORES, headOf(foundScore), scratch + SCRATCH_FIELD, memberLength)) return MISSING;
  const i = leafSlot(pathA);
  const answer = admitFrames(framesToRemove(leafOf(pathA), i, i + 1));
  if (answer != FITS) return answer;
  ownRoot(keyLength);
  makeWritable(pathA, 0);
  makeWritable(pathB, 0);
  freeCells(leafOf(pathA), i, i + 1);
  addElements(pathB, -1);
  removeAt(pathB, 1);
  addElements(pathA, -1);
  removeAt(pathA, 1);
  if (elements() == 0) removeEmptyRoot(keyLength);
  return 1;
}

/** How many members have a lower score, or, with `orEqual`, no higher one. O(log n). */
export function rankOfScore(keyLength: u32, bound: f64, orEqual: bool, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_ZSET, now);
  if (opened != 1) return opened;
  return rankOfHead(headOf(bound + 0) + (orEqual ? 1 : 0), 0, false);
}

/** How many members come before the one in the scratch area, or, with `orEqual`, not after, if all scores are the same. O(log n). */
export function rankOfMember(keyLength: u32, memberLength: u32, orEqual: bool, now: f64): i32 {
  const opened = openRoot(keyLength, KIND_ZSET, now);
  if (opened != 1) return opened;
  let leaf = smallNode();
  if (isForest()) {
    if (!descendTo(pathB, SCORES, 0, false)) return MISSING;
    leaf = leafOf(pathB);
  }
  return rankOfHead(headIn(slotOf(leaf, 0), 8), memberLength, orEqual);
}

function rankOfHead(bound: u64, memberLength: u32, orEqual: bool): i32 {
  const member = scratch + SCRATCH_FIELD;
  let before: u32 = 0;
  if (isForest()) {
    if (!descendKey(pathB, SCORES, bound, member, memberLength)) return MISSING;
    before = rankOf(pathB);
  } else {
    before = lowerBound(smallNode(), 0, bound, member, memberLength);
    if (missingCount != 0) return MISSING;
  }
  return orEqual && isMatch ? before + 1 : before;
}
