import { collectGarbage } from "../../runtime.ts";
import type { CollectionContender } from "../rivals/contender.ts";
import { isLoad, type Workload, WORKLOADS } from "../workloads.ts";
import { callsIn } from "./abilities.ts";
import type { Field } from "./field.ts";
import { timeAsync } from "./time_async.ts";
import { timeSync } from "./time_sync.ts";
import type { Piece, Work } from "./work.ts";

export interface CollectionTiming {
  operations: number;
  ms: number;
  /** What a call took within the server, where there is one. */
  serverNs: number | null;
}

const SAMPLES = 100;

/** Runs one timed piece. Throws when an answer was wrong or a write is not there. */
export async function runPiece(
  contender: CollectionContender,
  field: Field,
  workload: Workload,
  round: number,
): Promise<CollectionTiming> {
  const { face } = field;
  const work = field.prepare(workload, round);
  const setPivot = workload === "linsertAt" && face.isAsync ? face.setPivot : undefined;
  await setPivot?.(field.key, field.size >> 1);
  collectGarbage();
  await contender.serverClock?.start();
  const piece = await time(field, workload, work);
  const serverNs = await contender.serverClock?.nsPerCall() ?? null;
  if (piece.right !== piece.end) {
    throw new Error(`${face.label}, ${workload} at ${field.size}: ${piece.right} of ${piece.end} answers were right`);
  }
  field.model.done(workload, work, piece.end);
  await verify(field, workload, work, piece.end, setPivot !== undefined);
  if (workload === "linsertAt") await face.truncate!(field.key, field.size);
  if (isLoad(workload) && !field.isLoadedInPieces) await contender.clear();
  return { operations: piece.operations * callsIn(workload), ms: piece.ms, serverNs };
}

/** Writes the first elements as the load would, with nobody taking the time. */
export async function fill(field: Field, share: number): Promise<void> {
  const [load] = WORKLOADS[field.group];
  const work = field.fill(share);
  if (field.face.isAsync && field.face.writeMany) await field.face.writeMany(field.group, work);
  else await time(field, load, work);
  await verify(field, load, work, work.count, false);
}

function time({ face }: Field, workload: Workload, work: Work): Piece | Promise<Piece> {
  return face.isAsync ? timeAsync(face, workload, work) : timeSync(face, workload, work);
}

/** Fast writes of nothing must not win. */
async function verify(field: Field, workload: Workload, work: Work, end: number, hasPivot: boolean): Promise<void> {
  const { face, model } = field;
  if (isLoad(workload)) return await verifyCount(field, work, end);
  if (!["lset", "linsertAt", "hsetOver", "zaddOver", "zincrBy", "smallHsetOver"].includes(workload)) return;
  if (hasPivot) return; // it inserted elsewhere
  // An insert moves those before it, so of these only the last can be found.
  const samples = workload === "linsertAt" ? 1 : SAMPLES;
  for (let i = end - 1; i >= Math.max(0, end - samples); i--) {
    if (!await model.isThere(face, workload, work, i)) {
      throw new Error(`${face.label}, ${workload} at ${field.size}: a write is not there`);
    }
  }
}

async function verifyCount({ face, model, group, size }: Field, { keys }: Work, end: number): Promise<void> {
  const key = keys[end - 1];
  const first = keys.indexOf(key);
  const count = await model.count(face, key);
  // A collection that is loaded in pieces has those of the pieces before as well.
  const isRight = group === "small" || keys[0] === key ? count >= end - first : count === end - first;
  if (!isRight) throw new Error(`${face.label}, load at ${size}: ${count} elements of ${end - first}`);
}
