// A Durable Object with one store for all requests.

import { CloudStore, s3 } from "@ferrite/storage/cloud";
import module from "@ferrite/storage/edge.wasm";
import { ACCOUNT, BUCKET } from "./account.ts";

interface Env {
  readonly ENDPOINT: string;
  readonly COUNTER: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

export class Counter {
  readonly #store: CloudStore;

  constructor(_state: unknown, { ENDPOINT: endpoint }: Env) {
    this.#store = new CloudStore({ storage: s3({ bucket: BUCKET, endpoint, credentials: ACCOUNT }), module });
  }

  async fetch(): Promise<Response> {
    return new Response(String(await this.#store.incrBy("count")));
  }
}

export default {
  fetch: (request: Request, { COUNTER }: Env): Promise<Response> => COUNTER.getByName("one").fetch(request),
};
