import type { Load, LoadRequest } from "../load.ts";

/** What a worker is asked to do for the benchmark of HTTP; see `worker/protocol.ts` of the first one. */
export interface HttpCommands {
  /** Starts a server, filled. */
  serveHttp: { arguments: { contender: string }; answer: { port: number } };
  /** Is the client of one. */
  loadHttp: { arguments: LoadRequest; answer: Load };
}
