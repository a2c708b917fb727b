// The site on Deno Deploy. On your machine: deno run --allow-net --allow-env examples/edge/deno.ts

import { CloudStore, s3 } from "@ferrite/storage/cloud";
import { answer } from "./app.ts";

const storage = s3({
  bucket: Deno.env.get("S3_BUCKET")!,
  region: Deno.env.get("S3_REGION"), // "us-east-1" if not given
  endpoint: Deno.env.get("S3_ENDPOINT"), // for R2, Tigris, MinIO and others; AWS if not given
  credentials: {
    accessKeyId: Deno.env.get("S3_ACCESS_KEY_ID")!,
    secretAccessKey: Deno.env.get("S3_SECRET_ACCESS_KEY")!,
  },
});

// One store for all requests: they share its cache, and what they read may be a second old.
const store = new CloudStore({ storage, prefix: "game/", cache: { size: "32MB", maxStalenessMs: 1000 } });

Deno.serve((request) => answer(request, store));
