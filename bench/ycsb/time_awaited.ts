import type { Timing } from "../worker/timing.ts";
import type { AwaitedFace } from "./contenders/contender.ts";
import { change, isRight } from "./values.ts";
import { turn } from "../worker/turn.ts";
import type { Work } from "./work.ts";
import type { YcsbWorkload } from "./workloads.ts";

type Loop = (face: AwaitedFace, work: Work, start: number, end: number) => Promise<number>;

export async function timeAwaited(
  face: AwaitedFace,
  workload: YcsbWorkload,
  work: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Timing> {
  const loop = LOOPS[workload];
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + work.step, last);
    right += face.lanes === 1 ? await loop(face, work, done, end) : await inLanes(loop, face, work, done, end);
    done = end;
    await turn();
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

/** Has each lane do its part of the calls, one after another. */
async function inLanes(loop: Loop, face: AwaitedFace, work: Work, start: number, end: number): Promise<number> {
  const length = Math.ceil((end - start) / face.lanes);
  const lanes: Promise<number>[] = [];
  for (let from = start; from < end; from += length) lanes.push(loop(face, work, from, Math.min(from + length, end)));
  return (await Promise.all(lanes)).reduce((sum, right) => sum + right, 0);
}

async function read(face: AwaitedFace, { order, keys, values: { bytes } }: Work, start: number, end: number) {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (isRight(await face.get(keys[i]), order[i], bytes)) right++;
  }
  return right;
}

async function overwrite(face: AwaitedFace, { order, keys, writes, values }: Work, start: number, end: number) {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (writes[i] === 1) {
      await face.set!(keys[i], values.at(i, order[i]));
      right++;
    } else if (isRight(await face.get(keys[i]), order[i], values.bytes)) {
      right++;
    }
  }
  return right;
}

async function update(face: AwaitedFace, { order, keys, writes, values: { bytes } }: Work, start: number, end: number) {
  let right = 0;
  for (let i = start; i < end; i++) {
    if (writes[i] === 1) {
      await face.update!(keys[i], change);
      right++;
    } else if (isRight(await face.get(keys[i]), order[i], bytes)) right++;
  }
  return right;
}

const LOOPS: Readonly<Record<YcsbWorkload, Loop>> = { C: read, B: overwrite, A: overwrite, F: update, D: overwrite };
