import type { Read, SyncFace } from "../rivals/contender.ts";
import { BATCH_KEYS } from "../workloads.ts";
import { STEP, type Timing, type Work } from "./timing.ts";

/** Reads one key after another. */
export function timeGets(face: SyncFace, work: Work): Timing {
  getFrom(face, work, 0, work.leadIn, work.limitMs / 4);
  return getFrom(face, work, work.leadIn, work.keys.length, work.limitMs);
}

function getFrom(face: SyncFace, { order, keys }: Work, first: number, last: number, limitMs: number): Timing {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + STEP, last);
    for (; done < end; done++) {
      const value = face.get!(keys[done]);
      if (value != null && value[0] === (order[done] & 255)) right++;
    }
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

/** Reads batch after batch. */
export function timeBatches(face: SyncFace, work: Work): Timing {
  const batches = batchesOf(work.keys);
  const first = Math.floor(work.leadIn / BATCH_KEYS);
  getBatchesFrom(face, work, batches, 0, first, work.limitMs / 4);
  return getBatchesFrom(face, work, batches, first, batches.length, work.limitMs);
}

function getBatchesFrom(
  face: SyncFace,
  { order }: Work,
  batches: string[][],
  first: number,
  last: number,
  limitMs: number,
): Timing {
  const getMany = face.getMany ?? ((batch: string[]) => getEach(face, batch));
  let right = 0;
  let operations = 0;
  let ms = 0;
  const start = performance.now();
  for (let batch = first; batch < last && ms < limitMs; batch++) {
    const values = getMany(batches[batch]);
    const offset = batch * BATCH_KEYS;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value != null && value[0] === (order[offset + i] & 255)) right++;
    }
    operations += batches[batch].length;
    if (batch % 16 === 0 || batch === last - 1) ms = performance.now() - start;
  }
  return { end: first * BATCH_KEYS + operations, operations, ms, right };
}

function getEach(face: SyncFace, keys: string[]): Read[] {
  const values: Read[] = new Array(keys.length);
  for (let i = 0; i < keys.length; i++) values[i] = face.get!(keys[i]);
  return values;
}

export function batchesOf(keys: string[]): string[][] {
  const batches: string[][] = [];
  for (let i = 0; i < keys.length; i += BATCH_KEYS) batches.push(keys.slice(i, i + BATCH_KEYS));
  return batches;
}

/** Writes one after another, or batch after batch where the face has those. */
export function timeSets(face: SyncFace, work: Work): Timing {
  setFrom(face, work, 0, work.leadIn, work.limitMs / 4);
  return setFrom(face, work, work.leadIn, work.keys.length, work.limitMs);
}

function setFrom(face: SyncFace, { keys, values }: Work, first: number, last: number, limitMs: number): Timing {
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + STEP, last);
    if (face.setMany !== undefined) face.setMany(keys, values, done, end);
    else for (let i = done; i < end; i++) face.set!(keys[i], values[i]);
    done = end;
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right: done - first };
}
