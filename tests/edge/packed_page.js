// What a page does with the package as it is on npm: a store in memory, one in a bucket, wrappers, and the protocol of Upstash within the page.
import { copyTo, createStorage, json, StorageError, supportsPersistence } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { ferriteApp } from "@ferrite/storage/http";
import { withCache, withNamespace } from "@ferrite/storage/middleware";

async function use() {
  const store = await createStorage({ backend: "memory", memory: { maxSize: "64MB" } });
  for (let i = 0; i < 50_000; i++) store.sync.set(`key:${i}`, `value ${i}`);
  await store.zadd("scores", [[310, "ada"], [250, "bob"]]);
  await json(store).update("cart", (cart) => ({ items: [...(cart?.items ?? []), "tea"] }));
  const refused = await store.incrBy("key:1").catch((error) => error);
  const cloud = new CloudStore({ storage: memoryObjects(), cache: { size: "8MB" } });
  const moved = await copyTo(withNamespace(store, "key:4999"), withCache(cloud, { maxStalenessMs: 1000 }));
  const app = ferriteApp(store, { token: "secret" });
  const headers = { authorization: "Bearer secret" };
  const response = await app.fetch(new Request("http://localhost/zrank/scores/ada", { headers }));
  const report = {
    size: store.sync.size(),
    cart: await json(store).get("cart"),
    refused: refused instanceof StorageError && refused.code,
    isPersistent: supportsPersistence(store),
    moved: moved.copied,
    inBucket: new TextDecoder().decode(await cloud.get("9")),
    rank: await response.json(),
  };
  await Promise.all([store.close(), cloud.close()]);
  return report;
}

const report = await use().catch((error) => ({ error: String(error?.stack ?? error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
