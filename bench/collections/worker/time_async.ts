import type { AsyncFace, AsyncOperations } from "../rivals/contender.ts";
import { RANGE, type Workload } from "../workloads.ts";
import { isBoolean, isNumber, isRange, isValue } from "./checks.ts";
import type { Piece, Work } from "./work.ts";

type Calls = AsyncFace & AsyncOperations;

/** How one call is made, and how its answer is judged: apart, so that nothing stands between a promise and its await. */
interface Step<T> {
  call(face: Calls, work: Work, i: number): Promise<T>;
  judge(answer: T, work: Work, i: number): number;
}

export async function timeAsync(face: AsyncFace, workload: Workload, work: Work): Promise<Piece> {
  // deno-lint-ignore no-explicit-any -- what a step's call gives is what its judge takes
  const step = STEPS[workload] as Step<any>;
  const inFlight = face.inFlight(workload);
  const run = inFlight === 1 ? runAwaited : runPipelined;
  const leadIn = await run(step, face as Calls, work, 0, work.leadIn, work.limitMs / 4, inFlight);
  const timed = await run(step, face as Calls, work, leadIn.end, work.count, work.limitMs, inFlight);
  return { end: timed.end, operations: timed.operations, ms: timed.ms, right: leadIn.right + timed.right };
}

async function runAwaited<T>(
  step: Step<T>,
  face: Calls,
  work: Work,
  first: number,
  last: number,
  limitMs: number,
): Promise<Piece> {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + work.step, last);
    for (; done < end; done++) right += step.judge(await step.call(face, work, done), work, done);
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

async function runPipelined<T>(
  step: Step<T>,
  face: Calls,
  work: Work,
  first: number,
  last: number,
  limitMs: number,
  inFlight: number,
): Promise<Piece> {
  let right = 0;
  let done = first;
  let ms = 0;
  const start = performance.now();
  while (done < last && ms < limitMs) {
    const end = Math.min(done + inFlight, last);
    const pending: Promise<T>[] = [];
    for (let i = done; i < end; i++) pending.push(step.call(face, work, i));
    const answers = await Promise.all(pending);
    for (let i = done; i < end; i++) right += step.judge(answers[i - done], work, i);
    done = end;
    ms = performance.now() - start;
  }
  return { end: done, operations: done - first, ms, right };
}

const any = () => 1;

const hset = define({
  call: (face, { keys, names, values }, i) => face.hset(keys[i], names[i], values[i]),
  judge: any,
});

const hget = define({
  call: (face, { keys, names }, i) => face.hget(keys[i], names[i]),
  judge: (value, { expected }, i) => isValue(value, expected[i]),
});

const zadd = define({
  call: (face, { keys, names, scores }, i) => face.zadd(keys[i], scores[i], names[i]),
  judge: any,
});

const STEPS = {
  rpush: define({
    call: (face, { keys, values }, i) => face.rpush(keys[i], values[i]),
    judge: any,
  }),
  lindex: define({
    call: (face, { keys, positions }, i) => face.lindex(keys[i], positions[i]),
    judge: (value, { expected }, i) => isValue(value, expected[i]),
  }),
  lset: define({
    call: (face, { keys, positions, values }, i) => face.lset(keys[i], positions[i], values[i]),
    judge: any,
  }),
  lpushRpop: define({
    async call(face, { keys, values }, i) {
      await face.lpush(keys[i], values[i]);
      return await face.rpop(keys[i]);
    },
    judge: (value, { expected }, i) => isValue(value, expected[i]),
  }),
  linsertAt: define({
    call(face, { keys, positions, values, cutAfter, cutTo }, i) {
      const length = face.linsertAt(keys[i], positions[i], values[i]);
      return (i + 1) % cutAfter === 0 ? cutBack(face, keys[i], cutTo, length) : length;
    },
    judge: (length, { expected }, i) => isNumber(length, expected[i]),
  }),
  hset,
  hget,
  hsetOver: hset,
  sadd: define({
    call: (face, { keys, names }, i) => face.sadd(keys[i], names[i]),
    judge: any,
  }),
  sismember: define({
    call: (face, { keys, names }, i) => face.sismember(keys[i], names[i]),
    judge: (answer, { expected }, i) => isBoolean(answer, expected[i]),
  }),
  zadd,
  zscore: define({
    call: (face, { keys, names }, i) => face.zscore(keys[i], names[i]),
    judge: (score, { expected }, i) => isNumber(score, expected[i]),
  }),
  zrank: define({
    call: (face, { keys, names }, i) => face.zrank(keys[i], names[i]),
    judge: (rank, { expected }, i) => isNumber(rank, expected[i]),
  }),
  zrange: define({
    call: (face, { keys, positions }, i) => face.zrange(keys[i], positions[i], positions[i] + RANGE - 1),
    judge: (members, { expected }, i) => isRange(members, expected[i]),
  }),
  zaddOver: zadd,
  zincrBy: define({
    call: (face, { keys, names, scores }, i) => face.zincrBy(keys[i], scores[i], names[i]),
    judge: (score, { expected }, i) => isNumber(score, expected[i]),
  }),
  smallHset: hset,
  smallHget: hget,
  smallHsetOver: hset,
} satisfies Record<Workload, unknown>;

/** Infers what a call gives. */
function define<T>(step: Step<T>): Step<T> {
  return step;
}

/** Asks before `length` has come, so that a pipeline takes both along. */
async function cutBack(face: Calls, key: string, cutTo: number, length: Promise<number>): Promise<number> {
  const cut = [face.truncate(key, cutTo), face.setPivot?.(key, cutTo >> 1)];
  const answer = await length;
  await Promise.all(cut);
  return answer;
}
