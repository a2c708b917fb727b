// A page that uses buckets whose rules differ.

import { CloudStore, gcs, type ObjectStorage, s3, StorageError } from "@ferrite/storage/cloud";
import type { Account } from "../support/cloud/signature_v4.ts";
import { BUCKET } from "./account.ts";
import { report } from "./page_report.ts";

/** Where buckets are, by what their rules lack, and who uses them. */
export interface CorsTask {
  readonly provider: "s3" | "gcs";
  readonly endpoints: Readonly<Record<string, string>>;
  readonly account: Account;
}

/** What using each of them came to. */
export type CorsReport = Record<string, string>;

await report(async ({ provider, endpoints, account }: CorsTask): Promise<CorsReport> => {
  const outcomes = Object.entries(endpoints).map(async ([lacking, endpoint]) => {
    const storage = provider === "s3"
      ? s3({ bucket: BUCKET, endpoint, credentials: account })
      : gcs({ bucket: BUCKET, endpoint, credentials: { token: "token" } });
    return [lacking, await use(storage)];
  });
  return Object.fromEntries(await Promise.all(outcomes));
});

/** Makes each kind of request that a store makes. */
async function use(storage: ObjectStorage): Promise<string> {
  try {
    await using store = new CloudStore({ storage, attempts: 2, graceMs: 0 });
    await store.set("key", "1");
    await store.get("key");
    const { revalidations } = store.stats();
    const sum = await store.incrBy("key");
    await store.del("key");
    await store.compact();
    const { keys } = await store.scan();
    if (sum !== 2 || keys.length !== 0) return "wrong";
    return revalidations === 1 ? "ok" : "what has not changed was read again";
  } catch (error) {
    return error instanceof StorageError ? `${error.code}: ${error.message}` : String(error);
  }
}
