// The site as a Cloudflare Worker, over R2 or any bucket that speaks S3. wrangler.toml says where it is.

import { CloudStore, type ObjectStorage, s3 } from "@ferrite/storage/cloud";
import module from "@ferrite/storage/edge.wasm"; // Workers do not compile WebAssembly: it comes compiled
import { answer } from "./app.ts";

interface Env {
  S3_BUCKET: string;
  S3_ENDPOINT: string;
  S3_REGION: string;
  S3_ACCESS_KEY_ID: string;
  S3_SECRET_ACCESS_KEY: string;
}

let storage: ObjectStorage | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    storage ??= s3({
      bucket: env.S3_BUCKET,
      endpoint: env.S3_ENDPOINT,
      region: env.S3_REGION,
      credentials: { accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
    });
    // A store for each request: on Workers nothing that waits for the network outlives the request that it was begun for.
    await using store = new CloudStore({ storage, prefix: "game/", cache: { size: "8MB" }, module });
    return await answer(request, store);
  },
};
