// The conformance suite on a real server, which scripts/test_cloud.mjs starts: FERRITE_SERVER says which, as `s3 http://127.0.0.1:7480`.

import { assert, assertEquals } from "@std/assert";
import { CloudStore, type ObjectStorage } from "@ferrite/storage/cloud";
import process from "node:process";
import { CLOUD } from "../support/capabilities.ts";
import { checkOutcomes } from "../support/cloud/outcomes.ts";
import { bucketOf } from "../support/cloud/target.ts";
import { conformance } from "../support/conformance.ts";
import { test } from "../support/harness.ts";
import { newBucket } from "./buckets.ts";

/** Each call is a request, of some milliseconds. */
const EFFORT = Number(process.env.FERRITE_EFFORT ?? 0.05);
const target = await newBucket();
const kind = target.provider;
const storage = bucketOf(target);

test(`${kind}: the bucket answers as it must`, () => checkOutcomes(storage));

test(`${kind}: stores that write to a key at the same time lose nothing, whatever the server makes of a lost race`, async () => {
  const prefix = `${crypto.randomUUID()}/`;
  const stores = Array.from({ length: 6 }, () => new CloudStore({ storage, prefix, attempts: 20 }));
  const seen = await Promise.all(stores.map(async (store) => {
    const own: number[] = [];
    for (let i = 0; i < 10; i++) own.push(await store.incrBy("counter"));
    await store.sadd("names", [crypto.randomUUID()]);
    return own;
  }));
  assertEquals(seen.flat().sort((a, b) => a - b), Array.from({ length: 60 }, (_, i) => i + 1));
  for (const own of seen) assert(own.every((n, i) => i === 0 || n > own[i - 1]), `${own}`);
  assertEquals(await stores[0].scard("names"), stores.length);
  assert(stores.reduce((sum, store) => sum + store.stats().conflicts, 0) > 0, "they have met");
  for (const store of stores) await store.close();
});

const abilities = await storage.probe?.("probe/");
/** Asked once, and not by the store of each test. */
const bucket: ObjectStorage = {
  provider: storage.provider,
  bucket: storage.bucket,
  get: (...args) => storage.get(...args),
  put: (...args) => storage.put(...args),
  delete: (...args) => storage.delete(...args),
  list: (...args) => storage.list(...args),
  probe: abilities && (async () => abilities),
};

/** Stores that know nothing of each other share a bucket. */
const open = async () => new CloudStore({ storage: bucket, prefix: `${crypto.randomUUID()}/` });

conformance({ name: `CloudStore on ${kind}`, open, capabilities: CLOUD, effort: EFFORT });
