import process from "node:process";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MemoryStore } from "@ferrite/storage";
import { ferriteApp } from "@ferrite/storage/http";
import { TOKEN } from "./client.ts";
import { serve } from "./serve.ts";

// A server of its own. It says its port; then, for each line that it is given, how many requests are under way, how much memory
// it cannot do without, and how many errors it has seen. It ends with its input.

let underWay = 0;
let errors = 0;
const store = new MemoryStore({ maxSize: "64MB" });
const app = ferriteApp(store, { token: TOKEN, onError: () => errors++ });
const server = await serve({
  fetch: async (request) => {
    underWay++;
    try {
      return await app.fetch(request);
    } finally {
      underWay--;
    }
  },
});
console.log(server.port);
for await (const _ of createInterface({ input: process.stdin })) {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ underWay, usedBytes: heapUsed + external, errors }));
}
process.exit(0);

function collectGarbage(): void {
  const { Bun } = globalThis as { Bun?: { gc(isNow: boolean): void } };
  if (Bun !== undefined) return Bun.gc(true);
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
