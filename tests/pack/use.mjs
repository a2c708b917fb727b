// What a user of the npm package does first, on the runtime that runs this file. Started by run.mjs, in a project into
// which the packed tarball has been installed.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { createStorage, json, loadConfig, MemoryStore, StorageError, supportsPersistence } from "@ferrite/storage";

const store = await createStorage(await loadConfig("ferrite.toml"));
await store.set("greeting", "hello", { ttl: 60_000 });
assert.equal(new TextDecoder().decode(await store.get("greeting")), "hello");
assert.equal(await store.incrBy("visits", 41n), 41n);
await json(store).update("cart", (cart) => ({ items: [...(cart?.items ?? []), "tea"] }));
assert.deepEqual(await json(store).get("cart"), { items: ["tea"] });
await assert.rejects(
  store.incrBy("greeting"),
  (error) => error instanceof StorageError && error.code === "NOT_INTEGER",
);

assert.ok(supportsPersistence(store));
const path = await store.checkpoint();
const module = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve("@ferrite/storage/core.wasm"))));
const copy = new MemoryStore({ maxSize: "8MB", module });
await copy.restore(path);
assert.equal(copy.sync.size(), 3);
await Promise.all([store.close(), copy.close()]);
rmSync(path);

const storage = memoryObjects();
const edge = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve("@ferrite/storage/edge.wasm"))));
const clouds = [new CloudStore({ storage }), new CloudStore({ storage, module: edge })];
await Promise.all(clouds.map((cloud) => cloud.sadd("members", Array.from({ length: 5000 }, (_, i) => `member ${i}`))));
assert.equal(await clouds[0].scard("members"), 5000);
await assert.rejects(clouds[1].rename("members", "others"), (error) => error.code === "UNSUPPORTED");
await Promise.all(clouds.map((cloud) => cloud.close()));
console.log("ok");
