// A transaction leaves all records as they are that were there before it, as a snapshot does: what it changes it writes anew,
// at the tail. The records it has unlinked are chained by `prev`. To undo it, what lies behind its start is unlinked, and
// those are linked again. Nothing else may happen to the log meanwhile: the host recycles nothing.

import { address, insertSlot, locate, locateAddress, slot } from "./hash_index";
import { unlinkAlone } from "./keyspace";
import {
  advance,
  chain,
  distance,
  firstRecord,
  isPageStart,
  nextPage,
  pointerOf,
  tail,
} from "./log";
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
    at = settle(record, at);
  }
  setTransaction(false);
}

function settle(record: usize, at: u64): u64 {
  const next = prevOf(record);
  if (!isOwedToSnapshot(at)) setBits(record, (bitsOf(record) & ~FLAG_OWED) | FLAG_DEAD);
  return next;
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
