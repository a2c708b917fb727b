import { CONTENDERS } from "../../ycsb/contenders/mod.ts";
import { diskBytesOf } from "../../ycsb/directory.ts";
import { type DurableActor, openDurable } from "../durable/actor.ts";
import { watchMemory } from "../memory/actor.ts";
import { type ProcessMemory, processMemory, writtenBytes } from "../../ycsb/process.ts";
import { fillForReopen, reopen } from "../reopen/actor.ts";
import { openResident, type ResidentActor } from "../resident/actor.ts";
import { measureSpace, measureZadds } from "../space/actor.ts";
import { measureStalls } from "../stalls/actor.ts";
import { warmCache } from "../../ycsb/warm_cache.ts";
import { Table } from "../../ycsb/table.ts";
import { canDo, YCSB_WORKLOADS } from "../../ycsb/workloads.ts";
import type { HybridLogCommands } from "./protocol.ts";

type Handlers = {
  [K in keyof HybridLogCommands]: (
    args: HybridLogCommands[K]["arguments"],
  ) => HybridLogCommands[K]["answer"] | Promise<HybridLogCommands[K]["answer"]>;
};

let table: Table | undefined;
let directory = "";
let hasColdFiles = false;
let before: ProcessMemory;
let resident: ResidentActor | undefined;
let durable: DurableActor | undefined;

/** What a worker does for the benchmark of the hybrid log. */
export const hybridLogHandlers: Handlers = {
  async openTable({ contender, directory: path, plan }) {
    before = processMemory();
    directory = path;
    hasColdFiles = plan.hasColdFiles ?? false;
    table = new Table(await CONTENDERS[contender]({ directory, ...plan }), plan.keys, plan.valueBytes);
    const faces = table.contender.faces.map((face) => ({
      label: face.label,
      isAwaited: face.isAwaited,
      lanes: face.isAwaited ? face.lanes : 1,
      workloads: YCSB_WORKLOADS.filter((workload) => canDo(face, workload)),
    }));
    return { faces };
  },
  async loadTable({ seed }) {
    const timing = await table!.load(seed);
    await table!.contender.settle?.();
    return timing;
  },
  async runTable({ label, workload, plan }) {
    const { contender } = table!;
    if (!hasColdFiles) warmCache(directory);
    const [before, writtenBefore] = [contender.figures?.(), writtenBytes(contender.processId)];
    const timing = await table!.run(label, workload, plan);
    const [after, writtenAfter] = [contender.figures?.(), writtenBytes(contender.processId)];
    return {
      timing,
      diskReads: before === undefined ? null : after!.diskReads - before.diskReads,
      bytesWritten: writtenBefore === null ? null : writtenAfter! - writtenBefore,
    };
  },
  timeEach: ({ plan }) => table!.timeEach(plan),
  weighTable() {
    const { figures, processId } = table!.contender;
    return {
      ...processMemory(processId),
      before,
      diskBytes: diskBytesOf(directory),
      bytesWritten: writtenBytes(processId),
      figures: figures?.() ?? null,
    };
  },
  async openResident({ contender, means, plan }) {
    resident = await openResident(contender, means, plan);
    return null;
  },
  runResident: (request) => resident!.run(request),
  async openDurable({ contender, directory, request }) {
    durable = await openDurable(contender, directory, request);
    return null;
  },
  runDurable: (request) => durable!.run(request),
  fillForReopen,
  reopen,
  measureStalls,
  watchMemory,
  measureZadds,
  measureSpace,
};

export async function closeHybridLog(): Promise<void> {
  await table?.contender.close();
  await resident?.close();
  await durable?.close();
}
