// A transaction leaves all records as they are that were there before it, as a snapshot does: what it changes it writes anew,
// at the tail. The records it has unlinked are chained by `prev`. To undo it, what lies behind its start is unlinked, and
// those are linked again. Nothing else may happen to the log meanwhile: the host recycles nothing.

import { scratch } from "./frames";
import { insertSlot, locate, locateAddress, slot } from "./hash_index";
import { unlinkAlone } from "./keyspace";
import { advance, chain, distance, firstRecord, isPageStart, nextPage, pointerOf, tail } from "./log";
import { pendingObject, setPending } from "./reclaim";
import {
  bitsOf,
  expiryOf,
  FLAG_DEAD,
  FLAG_OWED,
  hasFlag,
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_PAD,
  kindOf,
  prevOf,
  setBits,
  sizeOf,
} from "./record";
import { countLive, isOwedToSnapshot, journal, setTransaction, transactionStart } from "./space";

let pendingBefore: u64 = 0;

export function beginTransaction(): void {
  setTransaction(true);
  pendingBefore = pendingObject();
}

/** Lets go of what the transaction has replaced. O(records replaced). */
export function commitTransaction(): void {
  let at = journal;
  while (at != 0) {
    const record = pointerOf(at);
    if (!isOwedToSnapshot(at)) setBits(record, (bitsOf(record) & ~FLAG_OWED) | FLAG_DEAD);
    at = prevOf(record);
  }
  setTransaction(false);
}

/** Undoes the transaction. O(records written and replaced). */
export function rollbackTransaction(): void {
  const end = tail;
  let at = transactionStart;
  let old = journal;
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
    if (!hasFlag(record, FLAG_DEAD | FLAG_OWED)) {
      locateAddress(keyOf(record), keyLengthOf(record), at);
      unlinkAlone(record);
    }
    at = advance(at, size);
  }
  while (old != 0) {
    const record = pointerOf(old);
    const next = prevOf(record);
    setBits(record, bitsOf(record) & ~(FLAG_OWED | FLAG_DEAD));
    locate(keyOf(record), keyLengthOf(record), isNodeKind(kindOf(record)));
    if (slot == 0) insertSlot();
    chain(slot, record, old);
    countLive(record, old, sizeOf(record), expiryOf(record));
    old = next;
  }
  setPending(pendingBefore);
}

// What the transaction under way has done, for a store that keeps its records elsewhere.
let nextAt: u64 = 0;
let nextOld: u64 = 0;

export function beginChanges(): void {
  nextAt = transactionStart;
  nextOld = journal;
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
  const record = pointerOf(nextOld);
  nextOld = prevOf(record);
  return record;
}

/** Takes a record out of the core that is kept elsewhere, and nothing with it. Its key or node id is in the scratch area. */
export function forget(keyLength: u32, isNode: bool): void {
  const record = locate(scratch, keyLength, isNode);
  if (record != 0) unlinkAlone(record);
}
