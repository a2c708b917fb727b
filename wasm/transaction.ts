// A transaction leaves all records as they are that were there before it, as a snapshot does: what it changes it writes anew,
// at the tail. The records it has unlinked are noted in a journal. To undo it, what lies behind its start is unlinked, and
// those are linked again. Nothing else may happen to the log meanwhile: the host recycles nothing.

import { scratch } from "./frames";
import { CACHED, coldBehind, dropSlotIfEmpty, locate, locateAddress, relink, undoChain } from "./hash_index";
import { endJournal, journalEntry, journalLength } from "./journal";
import { unlinkAlone } from "./keyspace";
import { advance, distance, firstRecord, isFrozen, isPageStart, nextPage, pointerOf, tail } from "./log";
import { pendingObject, setPending } from "./reclaim";
import {
  ADDRESS_MASK,
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  hasFlag,
  hasMark,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  MARK_ALONE,
  MARK_BLIND,
  MARK_TOMBSTONE,
  prevOf,
  setBits,
  sizeOf,
} from "./record";
import { countLive, isOwedToSnapshot, setTransaction, transactionStart, uncount, uncountBlind } from "./space";

let pendingBefore: u64 = 0;

export function beginTransaction(): void {
  setTransaction(true);
  pendingBefore = pendingObject();
}

function recordAt(entry: u64): usize {
  return (entry & CACHED) != 0 ? usize(entry & ADDRESS_MASK) : pointerOf(entry);
}

function addressAt(entry: u64): u64 {
  return (entry & CACHED) != 0 ? prevOf(usize(entry & ADDRESS_MASK)) : entry;
}

/** Lets go of what the transaction has replaced. O(records replaced). */
export function commitTransaction(): void {
  for (let i: u32 = 0; i < journalLength(); i++) {
    const entry = journalEntry(i);
    const at = addressAt(entry);
    const record = recordAt(entry);
    if (isOwedToSnapshot(at) || isFrozen(at)) continue;
    setBits(record, (bitsOf(record) & ~FLAG_OWED) | FLAG_DEAD);
  }
  endJournal();
  setTransaction(false);
}

/** Undoes the transaction. O(records written and replaced). */
export function rollbackTransaction(): void {
  const end = tail;
  let at = transactionStart;
  setTransaction(false);
  while (at != end && distance(at) > 0) {
    const record = pointerOf(at);
    if (isPageStart(at)) {
      at = firstRecord(at);
      continue;
    }
    if (kindOf(record) == KIND_PAD) {
      at = firstRecord(nextPage(at));
      continue;
    }
    const size = sizeOf(record);
    unwrite(record, at);
    if (hasMark(record, MARK_BLIND)) uncountBlind(record, coldBehind(record));
    setBits(record, (bitsOf(record) & ~FLAG_OWED) | FLAG_DEAD);
    at = advance(at, size);
  }
  for (let i = journalLength(); i > 0; i--) {
    const entry = journalEntry(i - 1);
    const record = recordAt(entry);
    const address = addressAt(entry);
    setBits(record, bitsOf(record) & ~(FLAG_OWED | FLAG_DEAD));
    relink(record, address, (entry & CACHED) != 0, keyLengthOf(record));
    countLive(record, address, sizeOf(record), expiryOf(record));
  }
  endJournal();
  setPending(pendingBefore);
}

/** Makes a record that the transaction has written one that never was. */
function unwrite(record: usize, at: u64): void {
  if (hasFlag(record, FLAG_DEAD | FLAG_OWED)) return;
  if (!hasMark(record, MARK_ALONE)) {
    locateAddress(keyOf(record), keyLengthOf(record), at);
    undoChain(record);
    dropSlotIfEmpty();
  }
  if (!hasMark(record, MARK_TOMBSTONE)) uncount(record, at);
}

// What the transaction under way has done, for a store that keeps its records elsewhere.
let nextAt: u64 = 0;
let nextOld: u32 = 0;

export function beginChanges(): void {
  nextAt = transactionStart;
  nextOld = journalLength();
}

/** The next record that it has written and that is live, or 0. */
export function nextWritten(): usize {
  while (nextAt != tail && distance(nextAt) > 0) {
    const record = pointerOf(nextAt);
    if (isPageStart(nextAt)) {
      nextAt = firstRecord(nextAt);
    } else if (kindOf(record) == KIND_PAD) {
      nextAt = firstRecord(nextPage(nextAt));
    } else {
      nextAt = advance(nextAt, sizeOf(record));
      if (!hasFlag(record, FLAG_DEAD)) return record;
    }
  }
  return 0;
}

/** The next record that it has replaced or removed, or 0. */
export function nextReplaced(): usize {
  if (nextOld == 0) return 0;
  nextOld--;
  return recordAt(journalEntry(nextOld));
}

/** Takes a record out of the core that is kept elsewhere, and nothing with it. Its key or node id is in the scratch area. */
export function forget(keyLength: u32, isNode: bool): void {
  const record = locate(scratch, keyLength, isNode);
  if (record != 0) unlinkAlone(record);
}
