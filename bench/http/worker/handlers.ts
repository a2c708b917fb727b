import { HTTP_CONTENDERS, type HttpContender } from "../contenders.ts";
import { runLoad } from "../load.ts";
import type { HttpCommands } from "./protocol.ts";

type Handlers = {
  [K in keyof HttpCommands]: (args: HttpCommands[K]["arguments"]) => Promise<HttpCommands[K]["answer"]>;
};

let server: HttpContender | undefined;

/** What a worker does for the benchmark of HTTP. */
export const httpHandlers: Handlers = {
  async serveHttp({ contender }) {
    server = await HTTP_CONTENDERS[contender]();
    return { port: server.port };
  },
  loadHttp: (request) => runLoad(request),
};

export async function closeHttp(): Promise<void> {
  await server?.close();
}
