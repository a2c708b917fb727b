// Buckets of real servers.

import { StorageError } from "../../src/errors.ts";
import { AwsClient } from "aws4fetch";
import { createHmac } from "node:crypto";
import process from "node:process";
import type { Target } from "../support/cloud/target.ts";

/** As tests/servers/ceph makes it. */
const CEPH_KEYS = {
  accessKeyId: "CEPHTESTKEY000000001",
  secretAccessKey: "cephtestsecretcephtestsecretcephtest0001",
};

/** The account of Azurite that everyone knows. */
const AZURITE_ACCOUNT = "devstoreaccount1";
const AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const MAKERS: Record<string, (endpoint: string) => Promise<Target>> = { s3: makeCephBucket, azure: makeContainer };

/**
 * A new bucket of the server of this machine that `FERRITE_SERVER` names, as `s3 http://127.0.0.1:7480` or `azure http://127.0.0.1:10000`. It
 * may be a bucket that is there, too, as JSON: `{"provider":"s3","endpoint":"https://…","bucket":"test","credentials":{…}}`.
 */
export async function newBucket(): Promise<Target> {
  const server = process.env.FERRITE_SERVER ?? "";
  if (server.startsWith("{")) return JSON.parse(server) as Target;
  const [kind, endpoint] = server.split(" ");
  if (kind in MAKERS) return await MAKERS[kind](endpoint);
  throw new StorageError("CONFIG", "Cannot test: FERRITE_SERVER must be s3 or azure, a space, and a URL, or JSON");
}

async function makeCephBucket(endpoint: string): Promise<Target> {
  const bucket = `ferrite-${crypto.randomUUID()}`;
  const client = new AwsClient({ ...CEPH_KEYS, service: "s3", region: "us-east-1", retries: 0 });
  await assertMade(await client.fetch(`${endpoint}/${bucket}`, { method: "PUT" }));
  return { provider: "s3", bucket, endpoint, credentials: CEPH_KEYS };
}

async function makeContainer(server: string): Promise<Target> {
  const container = `ferrite-${crypto.randomUUID()}`;
  const headers: Record<string, string> = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-12-02" };
  const text = `PUT${"\n".repeat(12)}x-ms-date:${headers["x-ms-date"]}\nx-ms-version:${headers["x-ms-version"]}\n` +
    `/${AZURITE_ACCOUNT}/${AZURITE_ACCOUNT}/${container}\nrestype:container`;
  const signature = createHmac("sha256", Uint8Array.from(atob(AZURITE_KEY), (c) => c.charCodeAt(0))).update(text)
    .digest("base64");
  headers.authorization = `SharedKey ${AZURITE_ACCOUNT}:${signature}`;
  const endpoint = `${server}/${AZURITE_ACCOUNT}`;
  await assertMade(await fetch(`${endpoint}/${container}?restype=container`, { method: "PUT", headers }));
  const credentials = { accountKey: AZURITE_KEY };
  return { provider: "azure", account: AZURITE_ACCOUNT, container, endpoint, credentials };
}

async function assertMade(answer: Response): Promise<void> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`there is no bucket for the tests: ${answer.status} ${text}`);
}
