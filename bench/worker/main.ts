import process from "node:process";
import { createInterface } from "node:readline";
import { closeCloud, cloudHandlers } from "../cloud/worker/handlers.ts";
import { closeCollections, collectionHandlers } from "../collections/worker/handlers.ts";
import { measureEntryOverhead } from "../ferrite/entry_overhead.ts";
import { measureFullStore } from "../ferrite/full_store.ts";
import { measureGrowthStalls } from "../ferrite/growth_stalls.ts";
import { measurePointerChase } from "../ferrite/pointer_chase.ts";
import { measureReaders } from "../growth/readers.ts";
import { closeHttp, httpHandlers } from "../http/worker/handlers.ts";
import { closeHybridLog, hybridLogHandlers } from "../hybridlog/worker/handlers.ts";
import type { Plan } from "../plan.ts";
import type { Contender, Open } from "../rivals/contender.ts";
import { WRAPPED } from "../middleware/contenders.ts";
import { CONTENDERS } from "../rivals/mod.ts";
import { describeHost } from "../runtime.ts";
import { scenarioHandlers } from "../scenarios/worker/handlers.ts";
import { canDo, WORKLOADS } from "../workloads.ts";
import { type CommandName, type Commands, MARK, type Reply } from "./protocol.ts";
import { runWorkload } from "./run_workload.ts";

const ALL: Readonly<Record<string, Open>> = { ...CONTENDERS, ...WRAPPED, ferrite: CONTENDERS.ferrite };

let contender: Contender | undefined;
let name: string;
let plan: Plan;

const handlers: {
  [K in CommandName]: (args: Commands[K]["arguments"]) => Commands[K]["answer"] | Promise<Commands[K]["answer"]>;
} = {
  async open(args) {
    ({ contender: name, plan } = args);
    contender = await ALL[name](plan.keys);
    const faces = contender.faces.map((face) => ({
      label: face.label,
      isAsync: face.isAsync,
      workloads: WORKLOADS.filter((workload) => canDo(face, workload)),
    }));
    return { faces };
  },
  async load({ face, round }) {
    await contender!.close();
    contender = await ALL[name](plan.keys);
    return await runWorkload(contender, contender.faces[face], "load", round, plan);
  },
  async settle() {
    await contender!.settle?.();
    return null;
  },
  host: () => describeHost(),
  measureReaders,
  pointerChase: ({ plan: { keys, seed } }) => measurePointerChase(keys, seed),
  run: ({ face, workload, round }) => runWorkload(contender!, contender!.faces[face], workload, round, plan),
  entryOverhead: (args) => measureEntryOverhead(args.plan),
  growthStalls: (args) => measureGrowthStalls(args.plan),
  fullStore: (args) => measureFullStore(args.plan),
  ...collectionHandlers,
  ...hybridLogHandlers,
  ...cloudHandlers,
  ...httpHandlers,
  ...scenarioHandlers,
};

async function answer(line: string): Promise<Reply> {
  const { command, args } = JSON.parse(line) as {
    command: CommandName;
    args: never;
  };
  try {
    return { answer: await handlers[command](args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

// Ctrl+C goes to all processes of the terminal. The main one ends then, which ends this one's input: time to clean up.
process.on("SIGINT", () => {});

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${MARK}${JSON.stringify(await answer(line))}\n`);
}
await contender?.close();
await closeCollections();
await closeHybridLog();
await closeCloud();
await closeHttp();
process.exit(0);
