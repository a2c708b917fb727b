// The examples, as they are deployed.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ACCOUNT, BUCKET } from "./account.ts";
import { startWorker, type WorkerCode, wranglerBundle } from "./workerd/workerd.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A site that runs. */
export type Site = { readonly url: string } & AsyncDisposable;

function settings(endpoint: string): Record<string, string> {
  return {
    S3_BUCKET: BUCKET,
    S3_REGION: "us-east-1",
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
    S3_SECRET_ACCESS_KEY: ACCOUNT.secretAccessKey,
  };
}

/** With no permissions but the net and the names of its settings. */
export async function startOnDeno(endpoint: string): Promise<Site> {
  const variables = settings(endpoint);
  const args = ["run", "--no-prompt", "--check", `--allow-net=127.0.0.1:0,${new URL(endpoint).host}`];
  args.push(`--allow-env=${Object.keys(variables)}`, path("../../examples/edge/deno.ts"));
  const env = { ...process.env, ...variables, NO_COLOR: "1", DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0" };
  const deno = spawn(path("../../node_modules/.bin/deno"), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => deno.kill();
  process.once("exit", kill);
  const exit = new Promise<void>((resolve) => deno.on("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const said: string[] = [];
    deno.on("exit", () => reject(new Error(said.join("\n"))));
    for (const stream of [deno.stdout, deno.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const [, url] = /^Listening on (http:\S+)/.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
  });
  const end = async () => {
    process.removeListener("exit", kill);
    kill();
    await exit;
  };
  return { url, [Symbol.asyncDispose]: end };
}

let bundled: Promise<WorkerCode> | undefined;

export async function startOnWorkerd(endpoint: string): Promise<Site> {
  const code = await (bundled ??= wranglerBundle(path("../../examples/edge")));
  return await startWorker({ ...code, bindings: { ...code.bindings, ...settings(endpoint) } });
}
