import type { Operations, SyncFace } from "../rivals/contender.ts";
import { RANGE, type Workload } from "../workloads.ts";
import { isBoolean, isNumber, isRange, isValue } from "./checks.ts";
import type { Piece, Work } from "./work.ts";

/** Makes the calls from `start` to `end - 1`, and gives how many answers were right. */
type Loop = (face: Operations, work: Work, start: number, end: number) => number;

export function timeSync(face: SyncFace, workload: Workload, work: Work): Piece {
  const loop = LOOPS[workload];
  const calls = face as SyncFace & Operations;
  const leadIn = runUntil(loop, calls, work, 0, work.leadIn, work.limitMs / 4);
  const timed = runUntil(loop, calls, work, leadIn.end, work.count, work.limitMs);
  return { end: timed.end, operations: timed.operations, ms: timed.ms, right: leadIn.right + timed.right };
}

function runUntil(loop: Loop, face: Operations, work: Work, first: number, last: number, limitMs: number): Piece {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + work.step, last);
    right += loop(face, work, done, end);
    done = end;
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

// A loop of its own for each, because one that is given the call as a function would not have it inlined.

const hset: Loop = (face, { keys, names, values }, start, end) => {
  for (let i = start; i < end; i++) face.hset(keys[i], names[i], values[i]);
  return end - start;
};

const hget: Loop = (face, { keys, names, expected }, start, end) => {
  let right = 0;
  for (let i = start; i < end; i++) right += isValue(face.hget(keys[i], names[i]), expected[i]);
  return right;
};

const zadd: Loop = (face, { keys, names, scores }, start, end) => {
  for (let i = start; i < end; i++) face.zadd(keys[i], scores[i], names[i]);
  return end - start;
};

const LOOPS: Readonly<Record<Workload, Loop>> = {
  rpush(face, { keys, values }, start, end) {
    for (let i = start; i < end; i++) face.rpush(keys[i], values[i]);
    return end - start;
  },
  lindex(face, { keys, positions, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) right += isValue(face.lindex(keys[i], positions[i]), expected[i]);
    return right;
  },
  lset(face, { keys, positions, values }, start, end) {
    for (let i = start; i < end; i++) face.lset(keys[i], positions[i], values[i]);
    return end - start;
  },
  lpushRpop(face, { keys, values, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      face.lpush(keys[i], values[i]);
      right += isValue(face.rpop(keys[i]), expected[i]);
    }
    return right;
  },
  linsertAt(face, { keys, positions, values, expected, cutAfter, cutTo }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      right += isNumber(face.linsertAt(keys[i], positions[i], values[i]), expected[i]);
      if ((i + 1) % cutAfter === 0) face.truncate(keys[i], cutTo);
    }
    return right;
  },
  hset,
  hget,
  hsetOver: hset,
  sadd(face, { keys, names }, start, end) {
    for (let i = start; i < end; i++) face.sadd(keys[i], names[i]);
    return end - start;
  },
  sismember(face, { keys, names, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) right += isBoolean(face.sismember(keys[i], names[i]), expected[i]);
    return right;
  },
  zadd,
  zscore(face, { keys, names, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) right += isNumber(face.zscore(keys[i], names[i]), expected[i]);
    return right;
  },
  zrank(face, { keys, names, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) right += isNumber(face.zrank(keys[i], names[i]), expected[i]);
    return right;
  },
  zrange(face, { keys, positions, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) {
      right += isRange(face.zrange(keys[i], positions[i], positions[i] + RANGE - 1), expected[i]);
    }
    return right;
  },
  zaddOver: zadd,
  zincrBy(face, { keys, names, scores, expected }, start, end) {
    let right = 0;
    for (let i = start; i < end; i++) right += isNumber(face.zincrBy(keys[i], scores[i], names[i]), expected[i]);
    return right;
  },
  smallHset: hset,
  smallHget: hget,
  smallHsetOver: hset,
};
