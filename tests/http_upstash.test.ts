import { assert, assertEquals } from "@std/assert";
import { Redis } from "@upstash/redis";
import { MemoryStore } from "@ferrite/storage";
import { ferriteApp } from "@ferrite/storage/http";
import { COMMANDS } from "../src/commands/table.ts";
import { test } from "./support/harness.ts";
import { TOKEN } from "./support/http/client.ts";
import { serve } from "./support/http/serve.ts";
import { CALLS } from "./support/http/upstash_calls.ts";
import { BACKENDS } from "./support/stores.ts";

// The client as it comes: it sends what is called in one turn as a pipeline, and has replies in base64.

for (const [name, withStore] of Object.entries(BACKENDS)) {
  test(`@upstash/redis over ${name}`, () =>
    withStore(async (store) => {
      const server = await serve(ferriteApp(store, { token: TOKEN }));
      try {
        const redis = new Redis({ url: `http://127.0.0.1:${server.port}`, token: TOKEN, retry: false });
        for (const { call, expected, needsTransactions } of CALLS) {
          if (needsTransactions && !store.supports.transactions) continue;
          const value = await call(redis);
          if (typeof expected === "function") assert(expected(value), `${call} resolved to ${JSON.stringify(value)}`);
          else assertEquals(value, expected, String(call));
        }
      } finally {
        await server.close();
      }
    }));
}

test("what the client is asked in one turn comes as one request, and every answer reaches who asked", async () => {
  await using store = new MemoryStore();
  const app = ferriteApp(store, { token: TOKEN });
  const paths: string[] = [];
  const server = await serve({
    fetch: (request) => {
      paths.push(new URL(request.url).pathname);
      return app.fetch(request);
    },
  });
  try {
    const redis = new Redis({ url: `http://127.0.0.1:${server.port}`, token: TOKEN, retry: false });
    const settled = await Promise.allSettled([
      redis.set("a", 1),
      redis.incr("a"),
      redis.rpush("a", "x"),
      redis.hset("h", { f: "v" }),
      redis.set("a", "z", { get: true }),
    ]);
    assertEquals(settled.map((one) => one.status === "fulfilled" ? one.value : one.reason.message), [
      "OK",
      2,
      "Command failed: WRONGTYPE Operation against a key holding the wrong kind of value",
      1,
      2,
    ]);
    assertEquals(paths, ["/pipeline"]);
  } finally {
    await server.close();
  }
});

test("every method of the client that the table has a command for is called", () => {
  const redis = new Redis({ url: "http://127.0.0.1:1", token: TOKEN });
  const source = CALLS.map(({ call }) => String(call)).join("\n");
  const methods = Object.keys(redis).filter((name) => COMMANDS.has(name.toLowerCase()));
  assertEquals(methods.filter((name) => !source.includes(`.${name}(`)), []);
  assert(methods.length > 100);
});
