import { HitsActor } from "../hits/actor.ts";
import { RequestsActor } from "../requests/actor.ts";
import type { CloudCommands } from "./protocol.ts";

type Handlers = {
  [K in keyof CloudCommands]: (args: CloudCommands[K]["arguments"]) => Promise<CloudCommands[K]["answer"]>;
};

let requests: RequestsActor | undefined;
let hits: HitsActor | undefined;

/** What a worker does for the benchmark of the cloud store. */
export const cloudHandlers: Handlers = {
  async openRequests({ contender, place, plan }) {
    requests = await RequestsActor.open(contender, place, plan);
    return null;
  },
  runRequests: (request) => requests!.run(request),
  async openHits({ contender, keys }) {
    hits = await HitsActor.open(contender, keys);
    return null;
  },
  runHits: (request) => hits!.run(request),
};

export async function closeCloud(): Promise<void> {
  await requests?.close();
  await hits?.close();
}
