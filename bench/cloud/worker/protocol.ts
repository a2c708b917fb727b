import type { Piece } from "../../worker/piece.ts";
import type { Place } from "../contenders/mod.ts";
import type { HitContender, HitsRequest } from "../hits/actor.ts";
import type { CloudPlan } from "../plan.ts";
import type { CloudPiece, CloudRequest } from "../requests/actor.ts";

/** What a worker is asked to do for the benchmark of the cloud store; see `worker/protocol.ts` of the first one. */
export interface CloudCommands {
  /** Opens a contender, and has it write its objects. */
  openRequests: { arguments: { contender: string; place: Place; plan: CloudPlan }; answer: null };
  runRequests: { arguments: CloudRequest; answer: CloudPiece };
  openHits: { arguments: { contender: HitContender; keys: number }; answer: null };
  runHits: { arguments: HitsRequest; answer: Piece };
}
