import type { Read } from "../../rivals/contender.ts";
import { RANGE } from "../workloads.ts";

// 1 for a right answer, 0 for a wrong one: sums are cheaper than branches.

export function isValue(value: Read, firstByte: number): number {
  return value != null && value[0] === firstByte ? 1 : 0;
}

export function isNumber(answer: unknown, expected: number): number {
  return answer === expected ? 1 : 0;
}

/** Redis says 1 for true. */
export function isBoolean(answer: boolean | number, expected: number): number {
  return Number(answer) === expected ? 1 : 0;
}

export function isRange(members: ArrayLike<Uint8Array | string>, lastByte: number): number {
  if (members.length !== RANGE) return 0;
  const first = members[0];
  const last = first.length - 1;
  return (typeof first === "string" ? first.charCodeAt(last) : first[last]) === lastByte ? 1 : 0;
}
