import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { temporaryDirectory } from "../../rivals/directory.ts";

const START_MS = 5_000;

export interface RedisServer {
  /** Of its unix socket. */
  readonly path: string;
  readonly processId: number;
  stop(): Promise<void>;
}

/** Starts the `redis-server` of this machine in a temporary directory, with nothing but memory and a unix socket. */
export async function startRedisServer(): Promise<RedisServer> {
  const directory = temporaryDirectory();
  const path = join(directory.path, "redis.sock");
  const settings = { port: "0", unixsocket: path, dir: directory.path, save: "", appendonly: "no", logfile: "" };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn("redis-server", args, { stdio: "ignore" });
  let end: string | null = null;
  child.once("error", (error) => end = error.message);
  child.once("exit", (code, signal) => end = `redis-server ended with ${signal ?? `exit code ${code}`}`);
  const kill = () => void child.kill();
  process.once("exit", kill);

  const stop = async () => {
    process.off("exit", kill);
    if (end === null) {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      kill();
      await exited;
    }
    directory.remove();
  };

  const start = performance.now();
  while (!existsSync(path)) {
    if (end !== null || performance.now() - start > START_MS) {
      await stop();
      throw new Error(`redis-server cannot be started: ${end ?? "it opens no socket"}`);
    }
    await setTimeout(10);
  }
  return { path, processId: child.pid!, stop };
}
