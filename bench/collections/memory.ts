import { type CollectionsPlan, SMALL_FIELDS } from "./plan.ts";
import { CONTENDERS } from "./rivals/mod.ts";
import { Field } from "./worker/field.ts";
import { FIELDS, VALUE_BYTES } from "./worker/models/hash.ts";
import { ELEMENT_BYTES } from "./worker/models/list.ts";
import { MEMBERS } from "./worker/models/set.ts";
import { SMALL_KEYS, SMALL_VALUE_BYTES } from "./worker/models/small_hashes.ts";
import { fill } from "./worker/run_piece.ts";
import type { Group } from "./workloads.ts";

/** Bytes per hash of five fields for `small`, per element of one large collection for the others. */
export type MemoryCase = Group;

export interface Memory {
  contender: string;
  memoryCase: MemoryCase;
  count: number;
  /** All is counted, names and values too; see `payloadBytes`. */
  bytesEach: number;
  /** The part of it that finds keys, where it is told apart. */
  indexBytesEach: number | null;
  /** What was taken from the system. */
  heldBytesEach: number;
}

const SCORE_BYTES = 8;

/** Those who can say what they take. */
export const WEIGHED: readonly string[] = ["ferrite", "Redis"];

/** Fills a fresh contender and weighs it. */
export async function weigh(name: string, memoryCase: MemoryCase, plan: CollectionsPlan): Promise<Memory> {
  const contender = await CONTENDERS[name]();
  try {
    const count = memoryCase === "small" ? plan.smallHashes : plan.memoryElements;
    const empty = await contender.weigh!([]);
    const field = new Field(contender, contender.faces[0], memoryCase, count, plan);
    await fill(field, 1);
    const keys = memoryCase === "small" ? Array.from({ length: count }, (_, i) => SMALL_KEYS.fresh(i)) : [field.key];
    const { bytes, indexBytes, heldBytes } = await contender.weigh!(keys, empty);
    return {
      contender: name,
      memoryCase,
      count,
      bytesEach: bytes / count,
      indexBytesEach: indexBytes === null ? null : indexBytes / count,
      heldBytesEach: heldBytes / count,
    };
  } finally {
    await contender.close();
  }
}

/** What the names and values of one are, without anything around them. */
export function payloadBytes(memoryCase: MemoryCase): number {
  switch (memoryCase) {
    case "list":
      return ELEMENT_BYTES;
    case "hash":
      return FIELDS.bytes + VALUE_BYTES;
    case "set":
      return MEMBERS.bytes;
    case "zset":
      return MEMBERS.bytes + SCORE_BYTES;
    case "small":
      return SMALL_KEYS.bytes + SMALL_FIELDS.join("").length + SMALL_FIELDS.length * SMALL_VALUE_BYTES;
  }
}
