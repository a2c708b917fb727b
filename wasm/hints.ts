// Where a node was last seen is known to this memory only.

import { begin, distance } from "./log";
import {
  clean,
  countOf,
  formOf,
  hintIn,
  LEVEL_FOREST,
  LEVEL_RECLAIM,
  levelOf,
  REFERENCE_BYTES,
  referenceOf,
  setHint,
  slotBytes,
} from "./node";
import { referencesIn } from "./reclaim";
import { isNodeKind, KIND_LIST, KIND_TREE, KIND_ZSET, kindOf, valueLengthOf, valueOf } from "./record";
import { count } from "./root";

/** Takes what means nothing outside of this memory out of a copy of a record that leaves it. */
export function cleanValue(record: usize): void {
  if (!hasNodes(kindOf(record))) return;
  const value = valueOf(record);
  if (levelOf(value) < LEVEL_FOREST) clean(value, valueLengthOf(record));
  clearHints(record, false);
}

/**
 * Takes hints that lie before the log out of a record that is being moved. All records move before the log has gone once
 * round its addresses, so that no hint lives to see its address used again.
 */
export function dropStaleHints(record: usize): void {
  if (hasNodes(kindOf(record))) clearHints(record, true);
}

/** Takes all hints out of a record that is being copied into the read cache. */
export function dropHints(record: usize): void {
  if (hasNodes(kindOf(record))) clearHints(record, false);
}

/** Whether values of this kind are nodes or refer to some. */
function hasNodes(kind: u32): bool {
  return kind == KIND_TREE || (kind >= KIND_LIST && kind <= KIND_ZSET && !isNodeKind(kind));
}

function clearHints(record: usize, staleOnly: bool): void {
  const value = valueOf(record);
  const level = levelOf(value);
  if (level == LEVEL_FOREST) return clearReferences(value + 8, u32(load<u16>(value, 2)), REFERENCE_BYTES, staleOnly);
  if (level == LEVEL_RECLAIM) return clearReferences(value + 16, referencesIn(value), REFERENCE_BYTES, staleOnly);
  if (level > 0) clearReferences(referenceOf(value, 0), countOf(value), slotBytes(level, formOf(value)), staleOnly);
}

function clearReferences(first: usize, count: u32, stride: u32, staleOnly: bool): void {
  for (let i: u32 = 0; i < count; i++) {
    const reference = first + i * stride;
    if (!staleOnly || distance(hintIn(reference)) > distance(begin)) setHint(reference, 0);
  }
}
