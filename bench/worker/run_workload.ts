import { freshKeys } from "../data/keys.ts";
import { shuffled } from "../data/orders.ts";
import { freshValues, varyingLengths } from "../data/values.ts";
import type { Plan } from "../plan.ts";
import type { Contender, Face } from "../rivals/contender.ts";
import { collectGarbage } from "../runtime.ts";
import { isRead, orderFor, type Workload, WORKLOADS } from "../workloads.ts";
import * as timeAsync from "./time_async.ts";
import * as timeSync from "./time_sync.ts";
import type { Timing, Work } from "./timing.ts";
import { verifyWrites } from "./verify.ts";

/** Runs one timed piece. Throws when a read was wrong or a write is not there. */
export async function runWorkload(
  contender: Contender,
  face: Face,
  workload: Workload,
  round: number,
  plan: Plan,
): Promise<Timing> {
  const work = prepare(workload, round, plan);
  collectGarbage();
  const timing = await time(face, workload, work);
  if (timing.right !== timing.operations) {
    throw new Error(`${face.label}, ${workload}: ${timing.right} of ${timing.operations} reads gave the right value`);
  }
  if (!isRead(workload)) await verifyWrites(contender, work, timing.end);
  return timing;
}

function prepare(workload: Workload, round: number, plan: Plan): Work {
  // Each round has an order of its own, the same one for all contenders.
  const seed = plan.seed + round * 1_000 + WORKLOADS.indexOf(workload);
  if (workload === "load") {
    const order = shuffled(plan.keys, seed);
    return {
      order,
      keys: freshKeys(order),
      values: freshValues(order, round),
      leadIn: 0,
      limitMs: Infinity,
    };
  }
  const leadIn = plan.operations / 5;
  const order = orderFor(workload, plan.keys, leadIn + plan.operations, seed);
  const lengths = workload === "resize" ? varyingLengths(order.length, seed) : undefined;
  return {
    order,
    keys: freshKeys(order),
    values: isRead(workload) ? [] : freshValues(order, round, lengths),
    leadIn,
    limitMs: plan.limitMs,
  };
}

function time(face: Face, workload: Workload, work: Work): Timing | Promise<Timing> {
  if (face.isAsync) {
    if (workload === "mget") return timeAsync.timeBatches(face, work);
    return isRead(workload) ? timeAsync.timeGets(face, work) : timeAsync.timeSets(face, work);
  }
  if (workload === "mget") return timeSync.timeBatches(face, work);
  return isRead(workload) ? timeSync.timeGets(face, work) : timeSync.timeSets(face, work);
}
