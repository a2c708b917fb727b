// The objects that a record refers to, for a store that keeps records elsewhere and has names of its own for them.

import { scratch } from "./frames";
import { cellOf, countOf, formOf, LEVEL_FOREST, levelOf, REFERENCE_BYTES, referenceOf, secondOf } from "./node";
import { isCollection, partsOf } from "./reclaim";
import { KIND_CHUNKED, KIND_TREE, kindOf, sizeOf, valueOf } from "./record";
import { isIntact, seal } from "./seal";
import { isBlob, lengthOf } from "./text";

/** For each reference two u32: where the object number lies, 48 bits of it, and how many records the object has. */
export const references: usize = memory.data(4096, 8);
const MOST: u32 = 512;
let count: u32 = 0;

/** Fills `references` with those of the record in the scratch area and returns how many there are. O(record). */
export function listReferences(): u32 {
  count = 0;
  const kind = kindOf(scratch);
  const value = valueOf(scratch);
  if (kind == KIND_CHUNKED) note(value + 8, load<u32>(value, 4));
  if (kind != KIND_TREE && !isCollection(kind)) return count;
  const level = levelOf(value);
  if (level == LEVEL_FOREST) {
    for (let i: u32 = 0; i < u32(load<u16>(value, 2)); i++) note(value + 8 + i * REFERENCE_BYTES + 4, 1);
  } else if (level < LEVEL_FOREST) {
    listNode(value, level);
  }
  return count;
}

function listNode(node: usize, level: u32): void {
  const hasTwo = level == 0 && (formOf(node) >> 4) == 2;
  for (let i: u32 = 0; i < countOf(node); i++) {
    if (level > 0) note(referenceOf(node, i) + 4, 1);
    const cell = cellOf(node, i);
    if (cell == 0) continue;
    listText(cell);
    if (hasTwo) listText(secondOf(cell));
  }
}

function listText(text: usize): void {
  if (isBlob(text)) note(text + 5, partsOf(lengthOf(text)));
}

function note(place: usize, parts: u32): void {
  assert(count < MOST);
  store<u32>(references + (count << 3), u32(place));
  store<u32>(references + (count << 3), parts, 4);
  count++;
}

/** Whether the record in the scratch area is as it was sealed. */
export function isRecordIntact(): bool {
  return isIntact(scratch, sizeOf(scratch), 0);
}

/** Seals the record in the scratch area, after something was written over a part of it. */
export function sealRecord(): void {
  seal(scratch, sizeOf(scratch), 0);
}
