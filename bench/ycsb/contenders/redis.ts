import { Buffer } from "node:buffer";
import { startRedisServer } from "../../collections/rivals/redis_server.ts";
import { importRival } from "../../rivals/import_rival.ts";
import type { TableContender } from "./contender.ts";

interface Redis {
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer): Promise<unknown>;
  disconnect(): void;
}

interface IoRedis {
  Redis: new (path: string, options: Record<string, unknown>) => Redis;
}

const LANES = 64;

/** A server of its own, with nothing but memory, over a unix socket; calls of one turn of the event loop share a write. */
export async function openRedis(): Promise<TableContender> {
  const { Redis } = await importRival<IoRedis>("ioredis");
  const server = await startRedisServer();
  const redis = new Redis(server.path, { enableAutoPipelining: true });
  return {
    faces: [{
      label: `Redis, unix socket, ${LANES} at a time`,
      isAwaited: true,
      lanes: LANES,
      get: (key) => redis.getBuffer(key),
      set: (key, { buffer, byteOffset, byteLength }) => redis.set(key, Buffer.from(buffer, byteOffset, byteLength)),
    }],
    processId: server.processId,
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}
