// The scenario as a worker.

import module from "@ferrite/storage/edge.wasm";
import { run } from "./scenario.ts";

export default {
  async fetch(_request: Request, { ENDPOINT: endpoint }: { ENDPOINT: string }): Promise<Response> {
    return Response.json(await run({ endpoint, module }));
  },
};
