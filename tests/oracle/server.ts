import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createClient, RESP_TYPES } from "redis";
import { sleep } from "../support/bytes.ts";
import type { Argument, Reply } from "./reply.ts";

const PROGRAM = "/usr/bin/redis-server";
const START_MS = 5000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
// Bytes as they are, and integers as text, because those of 64 bits do not fit a number.
const TYPES = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String } as const;

type Client = ReturnType<typeof connect>;

/** A Redis of our own, on a socket in a folder of its own, that keeps nothing. */
export class RedisServer implements AsyncDisposable {
  /** For files that go with the server. */
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #client: Client;
  readonly #stop = (): void => this.#end();
  readonly #interrupt = (): void => process.exit(1); // which calls stop

  private constructor(folder: string, child: ChildProcess, client: Client) {
    this.folder = folder;
    this.#process = child;
    this.#client = client;
    process.once("exit", this.#stop);
    for (const signal of SIGNALS) process.once(signal, this.#interrupt);
  }

  static async start(): Promise<RedisServer> {
    requireProgram();
    const folder = mkdtempSync(join(tmpdir(), "ferrite-oracle-"));
    const socket = join(folder, "redis.sock");
    const options = { port: 0, unixsocket: socket, save: "", appendonly: "no", dir: folder, daemonize: "no" };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(PROGRAM, args, { stdio: "ignore" });
    const client = connect(socket);
    const server = new RedisServer(folder, child, client);
    try {
      const end = Date.now() + START_MS;
      while (!existsSync(socket) && child.exitCode === null && Date.now() < end) await sleep(10);
      if (!existsSync(socket)) throw new Error(`${PROGRAM} did not start`);
      await client.connect();
      return server;
    } catch (error) {
      server.#end();
      throw error;
    }
  }

  /** Sends commands in one go. An error is a reply like others. */
  ask(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    return Promise.all(commands.map((command) => this.#send(command)));
  }

  async #send(command: readonly Argument[]): Promise<Reply> {
    try {
      return await this.#client.sendCommand<Reply>(command.map(toWire));
    } catch (error) {
      if (this.#client.isReady && error instanceof Error) return error;
      throw error;
    }
  }

  async version(): Promise<string> {
    const [info] = await this.ask([["INFO", "server"]]);
    return /redis_version:(\S+)/.exec(String(info))?.[1] ?? "unknown";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener("exit", this.#stop);
    for (const signal of SIGNALS) process.removeListener(signal, this.#interrupt);
    this.#client.destroy();
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null && this.#process.kill()) await ended;
    this.#end();
  }

  #end(): void {
    if (this.#process.exitCode === null) this.#process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function connect(path: string) {
  const client = createClient({
    socket: { path, reconnectStrategy: false },
    RESP: 2,
    commandOptions: { typeMapping: TYPES },
  });
  client.on("error", () => {}); // it comes as a rejection too
  return client;
}

function toWire(argument: Argument): string | Buffer {
  if (argument instanceof Uint8Array) return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
  if (typeof argument !== "number") return String(argument);
  if (Object.is(argument, -0)) return "-0";
  return Number.isFinite(argument) ? String(argument) : String(argument).toLowerCase().replace("infinity", "inf");
}

function requireProgram(): void {
  if (existsSync(PROGRAM)) return;
  if (process.getuid?.() === 0) {
    console.log("installing redis-server");
    spawnSync("apt-get", ["install", "-y", "redis-server"], { stdio: "inherit" });
  }
  if (!existsSync(PROGRAM)) {
    throw new Error(`there is no ${PROGRAM}: install it, on Debian with \`apt-get install redis-server\` as root`);
  }
}
