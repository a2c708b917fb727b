// The conformance suite on a real server, which scripts/test_cloud.mjs starts: FERRITE_SERVER says which, as `s3 http://127.0.0.1:7480`.

import { type Capabilities, StorageError } from "@ferrite/storage";
import { CloudStore, type ObjectStorage } from "@ferrite/storage/cloud";
import process from "node:process";
import { CLOUD } from "../support/capabilities.ts";
import { collectionsConformance } from "../support/conformance_collections.ts";
import { conformance } from "../support/conformance.ts";
import { azuriteContainer, cephBucket } from "./buckets.ts";

const [kind, endpoint] = (process.env.FERRITE_SERVER ?? "").split(" ");
const makers: Record<string, (endpoint: string) => Promise<ObjectStorage>> = {
  s3: cephBucket,
  azure: azuriteContainer,
};
if (!(kind in makers)) {
  throw new StorageError("CONFIG", "Cannot test: FERRITE_SERVER must be s3 or azure, a space, and a URL");
}

/** Each call is a request, of some milliseconds. */
const EFFORT = Number(process.env.FERRITE_EFFORT ?? 0.05);
const capabilities: Capabilities = CLOUD;
const storage = await makers[kind](endpoint);

/** Stores that know nothing of each other share a bucket. */
const open = async () => new CloudStore({ storage, prefix: `${crypto.randomUUID()}/` });

conformance(`CloudStore on ${kind}`, open, capabilities, EFFORT);
collectionsConformance(`CloudStore on ${kind}`, open, capabilities, EFFORT);
