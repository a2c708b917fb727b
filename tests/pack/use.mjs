// What a user of the npm package does first, on the runtime that runs this file. Started by run.mjs, in a project into
// which the packed tarball has been installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import {
  copyTo,
  createStorage,
  HybridLogStore,
  json,
  loadConfig,
  MemoryStore,
  StorageError,
  supportsPersistence,
} from "@ferrite/storage";
import { withCache, withNamespace, withReadOnly } from "@ferrite/storage/middleware";
import { ferriteApp } from "@ferrite/storage/http";

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

const dataDir = mkdtempSync("data-");
for (const [member, score] of [["ada", 3], ["bob", 1]]) {
  const log = await HybridLogStore.open({ dataDir, durability: "always" });
  await log.zadd("scores", [[score, member]]);
  await log.close();
}
const log = await HybridLogStore.open({ dataDir });
assert.deepEqual((await log.zrange("scores", 0, -1)).map((member) => new TextDecoder().decode(member)), ["bob", "ada"]);
await log.close();
rmSync(dataDir, { recursive: true });

const storage = memoryObjects();
const edge = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve("@ferrite/storage/edge.wasm"))));
const clouds = [new CloudStore({ storage }), new CloudStore({ storage, module: edge })];
await Promise.all(clouds.map((cloud) => cloud.sadd("members", Array.from({ length: 5000 }, (_, i) => `member ${i}`))));
assert.equal(await clouds[0].scard("members"), 5000);
await assert.rejects(clouds[1].rename("members", "others"), (error) => error.code === "UNSUPPORTED");
await Promise.all(clouds.map((cloud) => cloud.close()));

const inner = new MemoryStore({ maxSize: "8MB" });
const layered = withCache(withNamespace(inner, "user:"), { maxStalenessMs: 1000, maxSize: "8MB" });
await layered.set("name", "Ada");
assert.deepEqual(Array.from(inner.sync.keys(), (key) => new TextDecoder().decode(key)), ["user:name"]);
await assert.rejects(withReadOnly(layered).del("name"), (error) => error.code === "READ_ONLY");
const moved = new MemoryStore({ maxSize: "8MB" });
assert.equal((await copyTo(layered, moved, { verify: true })).copied, 1);
assert.equal(json(moved).sync.exists("name"), true);
await Promise.all([layered.close(), moved.close()]);

// What only these entry points need is not installed with the package.
if (process.argv.includes("--with-otel")) {
  const { withMetrics } = await import("@ferrite/storage/otel");
  const { prometheus } = await import("@ferrite/storage/prometheus");
  const { meter, render } = prometheus();
  const measured = withMetrics(new MemoryStore({ maxSize: "8MB" }), { meter });
  measured.sync.set("key", "value");
  assert.match(await render(), /^ferrite_calls_total\{.*"set".*\} 1$/m);
  await measured.close();
} else {
  await assert.rejects(import("@ferrite/storage/otel"), /@opentelemetry\/api/);
}

const served = new MemoryStore({ maxSize: "8MB" });
const app = ferriteApp(served, { token: "secret" });
const request = (path, headers) => app.fetch(new Request(`http://localhost${path}`, { headers }));
assert.equal((await request("/set/k/v")).status, 401);
assert.deepEqual(await (await request("/set/k/v?EX=9", { authorization: "Bearer secret" })).json(), { result: "OK" });
assert.equal(served.sync.ttl("k") <= 9000, true);
await served.close();

// Deno runs no link that has no ending.
const main = "node_modules/@ferrite/storage/dist/src/cli/main.js";
const command = "Deno" in globalThis ? ["run", "-A", main] : ["node_modules/.bin/ferrite"];
const ferrite = spawnSync(process.execPath, [...command, "get", "key"], { encoding: "utf8" });
assert.equal(ferrite.status, 2);
assert.match(ferrite.stderr, /gone when the command has ended/);
console.log("ok");
