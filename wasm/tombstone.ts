// Where the log is on files, what has been removed is still there. So removing writes a tombstone: a record with the key and
// no value. When nothing else is left in the chain it stays alone, and the key takes no room in the index any more: only a
// recovery reads it, and removes the entry. Otherwise it is the newest of its chain, and hides what lies behind.

import { chain, insertSlot, newestAddress, slot } from "./hash_index";
import { allocate, allocated } from "./log";
import {
  isNodeKind,
  keyLengthOf,
  keyOf,
  KIND_NODE,
  KIND_STRING,
  kindOf,
  MARK_ALONE,
  MARK_TOMBSTONE,
  recordBytes,
  setMark,
  writeHeader,
} from "./record";

/** Writes the tombstone of a record that has just been taken out of the chain in `slot`. Room for it is there. */
export function bury(record: usize): void {
  const isAlone = newestAddress() == 0;
  const tombstone = write(keyOf(record), keyLengthOf(record), isNodeKind(kindOf(record)));
  if (isAlone) {
    setMark(tombstone, MARK_ALONE);
    return;
  }
  chain(tombstone, allocated);
}

/** Notes that there is nothing under a key, after the chain in `slot` has been read on disk to know that. */
export function buryUnknown(key: usize, keyLength: u32, isNode: bool): void {
  const tombstone = write(key, keyLength, isNode);
  if (slot == 0) insertSlot();
  chain(tombstone, allocated);
}

function write(key: usize, keyLength: u32, isNode: bool): usize {
  const tombstone = allocate(recordBytes(keyLength, 0, false));
  writeHeader(tombstone, isNode ? KIND_NODE : KIND_STRING, key, keyLength, 0, 0);
  setMark(tombstone, MARK_TOMBSTONE);
  return tombstone;
}
