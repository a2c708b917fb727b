import { weigh } from "../memory.ts";
import type { CollectionsPlan } from "../plan.ts";
import type { CollectionContender } from "../rivals/contender.ts";
import { CONTENDERS } from "../rivals/mod.ts";
import { measureStalls } from "../stalls.ts";
import { workloadsOf } from "./abilities.ts";
import { Field } from "./field.ts";
import type { CollectionCommands, CollectionRequest } from "./protocol.ts";
import { fill, runPiece } from "./run_piece.ts";

type Handlers = {
  [K in keyof CollectionCommands]: (
    args: CollectionCommands[K]["arguments"],
  ) => CollectionCommands[K]["answer"] | Promise<CollectionCommands[K]["answer"]>;
};

let contender: CollectionContender | undefined;
let plan: CollectionsPlan;
const fields = new Map<string, Field>();

/** What a worker does for the benchmark of collections. */
export const collectionHandlers: Handlers = {
  async openCollections(args) {
    plan = args.plan;
    contender = await CONTENDERS[args.contender]();
    const faces = contender.faces.map((face) => ({
      label: face.label,
      isAsync: face.isAsync,
      workloads: workloadsOf(face),
    }));
    return { faces, version: contender.version ?? null };
  },
  runCollections: (args) => runPiece(contender!, fieldOf(args), args.workload, args.round),
  async fillCollections(args) {
    await fill(fieldOf(args), args.share);
    return null;
  },
  async clearCollections() {
    fields.clear();
    await contender!.clear();
    return null;
  },
  weighCollections: (args) => weigh(args.contender, args.memoryCase, args.plan),
  collectionStalls: (args) => measureStalls(args.stallCase, args.plan),
};

export async function closeCollections(): Promise<void> {
  await contender?.close();
}

function fieldOf({ face, group, size }: CollectionRequest): Field {
  const name = `${face}:${group}:${size}`;
  let field = fields.get(name);
  if (field === undefined) {
    field = new Field(contender!, contender!.faces[face], group, size, plan);
    fields.set(name, field);
  }
  return field;
}
