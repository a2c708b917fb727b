import type { AsyncFace, Read } from "../rivals/contender.ts";
import { BATCH_KEYS } from "../workloads.ts";
import { batchesOf } from "./time_sync.ts";
import { STEP, type Timing, type Work } from "./timing.ts";

/** Reads one key after another. */
export async function timeGets(face: AsyncFace, work: Work): Promise<Timing> {
  await getFrom(face, work, 0, work.leadIn, work.limitMs / 4);
  return await getFrom(face, work, work.leadIn, work.keys.length, work.limitMs);
}

async function getFrom(
  face: AsyncFace,
  { order, keys }: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + STEP, last);
    for (; done < end; done++) {
      const value = await face.get!(keys[done]);
      if (value != null && value[0] === (order[done] & 255)) right++;
    }
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

/** Reads batch after batch. */
export async function timeBatches(face: AsyncFace, work: Work): Promise<Timing> {
  const batches = batchesOf(work.keys);
  const first = Math.floor(work.leadIn / BATCH_KEYS);
  await getBatchesFrom(face, work, batches, 0, first, work.limitMs / 4);
  return await getBatchesFrom(face, work, batches, first, batches.length, work.limitMs);
}

async function getBatchesFrom(
  face: AsyncFace,
  { order }: Work,
  batches: string[][],
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  const getMany = face.getMany ?? ((batch: string[]) => getEach(face, batch));
  let right = 0;
  let operations = 0;
  let ms = 0;
  const start = performance.now();
  for (let batch = first; batch < last && ms < limitMs; batch++) {
    const values = await getMany(batches[batch]);
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

async function getEach(face: AsyncFace, keys: string[]): Promise<Read[]> {
  const values: Read[] = new Array(keys.length);
  for (let i = 0; i < keys.length; i++) values[i] = await face.get!(keys[i]);
  return values;
}

/** Writes one after another, or batch after batch where the face has those. */
export async function timeSets(face: AsyncFace, work: Work): Promise<Timing> {
  await setFrom(face, work, 0, work.leadIn, work.limitMs / 4);
  return await setFrom(face, work, work.leadIn, work.keys.length, work.limitMs);
}

async function setFrom(
  face: AsyncFace,
  { keys, values }: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + STEP, last);
    if (face.setMany !== undefined) await face.setMany(keys, values, done, end);
    else for (let i = done; i < end; i++) await face.set!(keys[i], values[i]);
    done = end;
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right: done - first };
}
