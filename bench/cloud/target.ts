import { AwsClient } from "aws4fetch";
import { s3 } from "../../src/cloud/mod.ts";
import { newBucket } from "../../tests/servers/buckets.ts";
import type { Target } from "../../tests/support/cloud/target.ts";

/** The bucket that is asked: aws4fetch speaks to those of S3. */
export type S3Target = Extract<Target, { provider: "s3" }>;

/** A bucket on the server that `npm run bench` has started, or that `FERRITE_SERVER` names. */
export async function bucketTarget(): Promise<S3Target> {
  const target = await newBucket();
  if (target.provider !== "s3") throw new Error("the bucket has to be one of S3, as the rival speaks to those");
  return target;
}

/** Removes the objects whose names begin with this. */
export async function emptyBucket(target: S3Target, prefix: string): Promise<void> {
  const bucket = s3(target);
  let cursor: string | null = null;
  do {
    const list: Awaited<ReturnType<typeof bucket.list>> = await bucket.list(prefix, { cursor });
    await Promise.all(list.objects.map(({ name }) => bucket.delete(name, null)));
    cursor = list.cursor;
  } while (cursor !== null);
}

/** A client for the bucket, and the URL in front of names. */
export async function clientFor(
  { endpoint, bucket, region = "us-east-1", credentials }: S3Target,
): Promise<{ client: AwsClient; url: string }> {
  const keys = typeof credentials === "function" ? await credentials() : credentials;
  return { client: new AwsClient({ ...keys, service: "s3", region, retries: 0 }), url: `${endpoint}/${bucket}/` };
}
