import type { Timing } from "../worker/timing.ts";
import type { SyncFace } from "./contenders/contender.ts";
import { change, isRight } from "./values.ts";
import { turn } from "../worker/turn.ts";
import type { Work } from "./work.ts";
import { WRITE_SHARE, type YcsbWorkload } from "./workloads.ts";

/** Makes the calls from `start` to `end - 1`, and gives how many were right: reads with the right value, and all writes. */
export type Loop = (face: SyncFace, work: Work, start: number, end: number) => number | Promise<number>;

export function loopFor(face: SyncFace, workload: YcsbWorkload): Loop {
  if (WRITE_SHARE[workload] === 0) return read;
  if (workload === "F") {
    const loop = face.update === undefined ? readAndSet : update;
    return face.transact === undefined ? loop : inTransaction(loop);
  }
  if (face.transact !== undefined) return inTransaction(overwrite);
  return face.setMany === undefined ? overwrite : overwriteMany;
}

/** One step after the other, with a turn of the event loop after each, as a service has them. */
export async function timeSync(
  loop: Loop,
  face: SyncFace,
  work: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + work.step, last);
    const answer = loop(face, work, done, end);
    right += typeof answer === "number" ? answer : await answer;
    done = end;
    await turn();
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

// A loop of its own for each, because one that is given the call as a function would not have it inlined.

function read(face: SyncFace, { order, keys, values: { bytes } }: Work, start: number, end: number): number {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (isRight(face.get(keys[i]), order[i], bytes)) right++;
  }
  return right;
}

function overwrite(face: SyncFace, { order, keys, writes, values }: Work, start: number, end: number): number {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (writes[i] === 1) {
      face.set!(keys[i], values.at(i, order[i]));
      right++;
    } else if (isRight(face.get(keys[i]), order[i], values.bytes)) right++;
  }
  return right;
}

async function overwriteMany(face: SyncFace, { order, keys, writes, values }: Work, start: number, end: number) {
  const ofKeys: string[] = [];
  const ofValues: Uint8Array[] = [];
  let right = 0;
  for (let i = start; i < end; i++) {
    if (writes[i] === 1) {
      ofKeys.push(keys[i]);
      ofValues.push(values.at(i, order[i]));
    } else if (isRight(face.get(keys[i]), order[i], values.bytes)) right++;
  }
  await face.setMany!(ofKeys, ofValues, ofKeys.length);
  return right + ofKeys.length;
}

function update(face: SyncFace, { order, keys, writes, values: { bytes } }: Work, start: number, end: number): number {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (writes[i] === 1) {
      face.update!(keys[i], change);
      right++;
    } else if (isRight(face.get(keys[i]), order[i], bytes)) right++;
  }
  return right;
}

function readAndSet(face: SyncFace, { order, keys, writes, values }: Work, start: number, end: number): number {
  let right = 0;
  for (let i = start; i < end; i++) {
    const value = face.get(keys[i]);
    if (isRight(value, order[i], values.bytes)) right++;
    if (writes[i] === 1) face.set!(keys[i], change(value!));
  }
  return right;
}

function inTransaction(loop: (face: SyncFace, work: Work, start: number, end: number) => number): Loop {
  return (face, work, start, end) => {
    let right = 0;
    face.transact!(() => {
      right = loop(face, work, start, end);
    });
    return right;
  };
}
