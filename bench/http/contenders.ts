import { Hono } from "hono";
import { join } from "node:path";
import { HybridLogStore, MemoryStore, type StorageEngine } from "../../mod.ts";
import { listen } from "../../src/cli/listen.ts";
import { ferriteApp } from "../../src/http/mod.ts";
import { startRedisServer } from "../collections/rivals/redis_server.ts";
import { freshKey } from "../data/keys.ts";
import { temporaryDirectory } from "../rivals/directory.ts";
import { importRival } from "../rivals/import_rival.ts";
import { KEYS, valueOf } from "./workloads.ts";

/** A server that holds all keys. */
export interface HttpContender {
  readonly port: number;
  close(): Promise<void>;
}

interface Redis {
  call(command: string, ...args: string[]): Promise<unknown>;
  pipeline(commands: string[][]): { exec(): Promise<[Error | null, unknown][] | null> };
  disconnect(): void;
}

const ADDRESS = { hostname: "127.0.0.1", port: 0 };

/** The one that the others are held against. */
export const PEER = "Hono, ioredis and Redis";

/** What can be asked in the protocol of Upstash, by name. */
export const HTTP_CONTENDERS: Readonly<Record<string, () => Promise<HttpContender>>> = {
  "Ferrite, memory": () => serve(new MemoryStore({ maxSize: "256MB" })),
  "Ferrite, hybrid log": async () => {
    const directory = temporaryDirectory();
    const server = await serve(await HybridLogStore.open({ dataDir: join(directory.path, "data") }));
    return { ...server, close: () => server.close().then(directory.remove) };
  },
  [PEER]: serveRedis,
};

async function serve(store: StorageEngine): Promise<HttpContender> {
  for (let i = 0; i < KEYS; i++) await store.set(freshKey(i), valueOf(i));
  const app = ferriteApp(store, { auth: "none" });
  const { port, close } = await listen((request) => app.fetch(request), ADDRESS);
  return { port, close: () => close().then(() => store.close()) };
}

/** The least that does the same over Redis: no tokens, no checks, no errors of its own. */
async function serveRedis(): Promise<HttpContender> {
  const { Redis } = await importRival<{ Redis: new (path: string) => Redis }>("ioredis");
  const server = await startRedisServer();
  const redis = new Redis(server.path);
  for (let i = 0; i < KEYS; i += 1000) {
    await redis.pipeline(Array.from({ length: 1000 }, (_, next) => ["set", freshKey(i + next), valueOf(i + next)]))
      .exec();
  }
  const app = new Hono();
  app.post("/pipeline", async (c) => {
    const commands: string[][] = await c.req.json();
    const replies = await redis.pipeline(commands.map(([name, ...args]) => [name.toLowerCase(), ...args])).exec();
    return c.json(replies!.map(([error, result]) => error === null ? { result } : { error: error.message }));
  });
  app.post("/", async (c) => {
    const [command, ...args] = await c.req.json();
    return c.json({ result: await redis.call(command, ...args) });
  });
  const { port, close } = await listen((request) => app.fetch(request), ADDRESS);
  return {
    port,
    async close() {
      await close();
      redis.disconnect();
      await server.stop();
    },
  };
}
