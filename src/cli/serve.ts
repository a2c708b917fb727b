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
  readonly metrics: boolean;
}

/** A store whose calls are measured, and what has been measured so far as text. */
interface Measured {
  readonly store: StorageEngine;
  readonly render?: () => Promise<string>;
}

export function addServeCommand(program: Command, terminal: Terminal): void {
  program.command("serve").description(
    "serve the store over HTTP, in the protocol of Upstash Redis, until it is told to stop",
  )
    .option("--host <name>", "the address to listen on", "127.0.0.1")
    .option("--port <number>", "the port, 0 for one that is free", toPort, 8787)
    .option("--no-auth", "let everyone in who reaches it")
    .option("--metrics", "count and time calls, for Prometheus to read from /metrics", false)
    .addHelpText("after", `\nSecrets are taken from ${TOKEN} and ${READ_ONLY_TOKEN}.`)
    .action((options: ServeOptions) => serve(program, terminal, options));
}

async function serve(program: Command, terminal: Terminal, options: ServeOptions): Promise<void> {
  const { host, port, auth, metrics } = options;
  const access = accessFrom(process.env, auth);
  const stopped = stopSignal();
  await using store: StorageEngine = await createStorage(await configOf(program));
  const onError = (error: unknown) => terminal.tell(String(error));
  const measured: Measured = metrics ? await withMetrics(store) : { store };
  const app = await appOf(measured.store, { ...access, onError, metrics: measured.render });
  const listener = await listen((request) => app.fetch(request), { hostname: host, port });
  terminal.print(`Serving ${store.stats().backend} on http://${host}:${listener.port}\n`);
  terminal.tell(`Stopping: ${await stopped}`);
  await listener.close();
  // What was acknowledged is committed when the store is closed.
}

async function appOf(store: StorageEngine, options: FerriteAppOptions) {
  const { ferriteApp } = await optional(() => import("../http/mod.ts"), "hono");
  return ferriteApp(store, options);
}

async function withMetrics(store: StorageEngine): Promise<Measured> {
  const needs = "@opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/exporter-prometheus";
  const [otel, { prometheus }] = await optional(
    () => Promise.all([import("../middleware/otel/mod.ts"), import("../middleware/prometheus.ts")]),
    needs,
  );
  const { meter, render } = prometheus();
  return { store: otel.withMetrics(store, { meter }), render };
}

/** Packages that only some need may not be there. */
async function optional<T>(load: () => Promise<T>, packages: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new StorageError("CONFIG", `Cannot serve: npm install ${packages} is needed`, { cause });
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
