import process from "node:process";
import type { Command } from "commander";
import { createStorage } from "../create.ts";
import { StorageError } from "../errors.ts";
import type { StorageEngine } from "../engine.ts";
import type { FerriteAppOptions } from "../http/options.ts";
import { listen } from "./listen.ts";
import { configOf, toNumber } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** Where secrets are looked for: arguments could be read by everyone on the machine. */
const TOKEN = "FERRITE_TOKEN";
const READ_ONLY_TOKEN = "FERRITE_READ_ONLY_TOKEN";

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly auth: boolean;
}

export function addServeCommand(program: Command, terminal: Terminal): void {
  program.command("serve").description(
    "serve the store over HTTP, in the protocol of Upstash Redis, until it is told to stop",
  )
    .option("--host <name>", "the address to listen on", "127.0.0.1")
    .option("--port <number>", "the port, 0 for one that is free", toPort, 8787)
    .option("--no-auth", "let everyone in who reaches it")
    .addHelpText("after", `\nSecrets are taken from ${TOKEN} and ${READ_ONLY_TOKEN}.`)
    .action((options: ServeOptions) => serve(program, terminal, options));
}

async function serve(program: Command, terminal: Terminal, { host, port, auth }: ServeOptions): Promise<void> {
  const access = accessFrom(process.env, auth);
  const stopped = stopSignal();
  await using store: StorageEngine = await createStorage(await configOf(program));
  const app = await appOf(store, { ...access, onError: (error) => terminal.tell(String(error)) });
  const listener = await listen((request) => app.fetch(request), { hostname: host, port });
  terminal.print(`Serving ${store.stats().backend} on http://${host}:${listener.port}\n`);
  terminal.tell(`Stopping: ${await stopped}`);
  await listener.close();
  // What was acknowledged is committed when the store is closed.
}

/** Hono is only needed here, and may not be there. */
async function appOf(store: StorageEngine, options: FerriteAppOptions) {
  try {
    const { ferriteApp } = await import("../http/mod.ts");
    return ferriteApp(store, options);
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    throw new StorageError("CONFIG", "Cannot serve: the package hono is not installed (npm install hono)", { cause });
  }
}

function accessFrom(env: Record<string, string | undefined>, auth: boolean): FerriteAppOptions {
  const token = env[TOKEN] || undefined;
  const readOnlyToken = env[READ_ONLY_TOKEN] || undefined;
  if (!auth) return { auth: "none" };
  if (token !== undefined || readOnlyToken !== undefined) return { token, readOnlyToken };
  throw new StorageError("CONFIG", `Cannot serve: set ${TOKEN} or ${READ_ONLY_TOKEN}, or say --no-auth`);
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
}

function toPort(text: string): number {
  const port = text === "0" ? 0 : toNumber(text);
  if (Number.isInteger(port) && port < 65_536) return port;
  throw new StorageError("CONFIG", `Cannot serve: expected a port, received ${text}`);
}
