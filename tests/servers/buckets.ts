// Buckets of servers on this machine, made anew.

import { AwsClient } from "aws4fetch";
import { createHmac } from "node:crypto";
import { azure, type ObjectStorage, s3 } from "@ferrite/storage/cloud";

/** As tests/servers/ceph makes it. */
export const CEPH_KEYS = {
  accessKeyId: "CEPHTESTKEY000000001",
  secretAccessKey: "cephtestsecretcephtestsecretcephtest0001",
};

/** The account of Azurite that everyone knows. */
const AZURITE_ACCOUNT = "devstoreaccount1";
const AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

export async function cephBucket(endpoint: string): Promise<ObjectStorage> {
  const bucket = `ferrite-${crypto.randomUUID()}`;
  const client = new AwsClient({ ...CEPH_KEYS, service: "s3", region: "us-east-1", retries: 0 });
  await assertMade(await client.fetch(`${endpoint}/${bucket}`, { method: "PUT" }));
  return s3({ bucket, endpoint, credentials: CEPH_KEYS });
}

export async function azuriteContainer(endpoint: string): Promise<ObjectStorage> {
  const container = `ferrite-${crypto.randomUUID()}`;
  const headers: Record<string, string> = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-12-02" };
  const text = `PUT${"\n".repeat(12)}x-ms-date:${headers["x-ms-date"]}\nx-ms-version:${headers["x-ms-version"]}\n` +
    `/${AZURITE_ACCOUNT}/${AZURITE_ACCOUNT}/${container}\nrestype:container`;
  const signature = createHmac("sha256", Uint8Array.from(atob(AZURITE_KEY), (c) => c.charCodeAt(0))).update(text)
    .digest("base64");
  headers.authorization = `SharedKey ${AZURITE_ACCOUNT}:${signature}`;
  const account = `${endpoint}/${AZURITE_ACCOUNT}`;
  await assertMade(await fetch(`${account}/${container}?restype=container`, { method: "PUT", headers }));
  return azure({
    account: AZURITE_ACCOUNT,
    container,
    endpoint: account,
    credentials: { accountKey: AZURITE_KEY },
  });
}

async function assertMade(answer: Response): Promise<void> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`there is no bucket for the tests: ${answer.status} ${text}`);
}
