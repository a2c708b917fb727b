// Starts the benchmark: `npm run bench -- --quick --runtime deno`. Plain JavaScript, so that any Node can read it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { endServers, startCeph } from "./servers.mjs";

const ROOT = new URL("../", import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, ROOT));

const RUNTIMES = ["node", "deno", "bun"];

/** The runtime asked for, and the arguments that are the benchmark's own. */
function readArguments() {
  const { tokens, values, positionals: [suite, ...parts] } = parseArgs({
    options: { runtime: { type: "string" }, json: { type: "string" }, seed: { type: "string" } },
    strict: false,
    tokens: true,
  });
  const args = process.argv.slice(2);
  let runtime = startedWith();
  // From the end, so that what is cut out does not move what comes before.
  for (const token of tokens.filter(({ name }) => name === "runtime").reverse()) {
    runtime = token.value;
    args.splice(token.index, token.inlineValue ? 1 : 2);
  }
  if (!RUNTIMES.includes(runtime)) {
    fail(`--runtime must be ${RUNTIMES.join(", ")}, received ${runtime === undefined ? "nothing" : `"${runtime}"`}`);
  }
  const asking = { cloud: "requests", scenarios: "archive" }[suite];
  const asksBucket = asking !== undefined && !values.help && (parts.length === 0 || parts.includes(asking));
  return { runtime, args, needsServer: asksBucket && process.env.FERRITE_SERVER === undefined };
}

/** `bun run bench` starts this file with Node all the same, but says who it is. */
function startedWith() {
  if ("Deno" in globalThis) return "deno";
  if ("Bun" in globalThis) return "bun";
  const agent = process.env.npm_config_user_agent?.split("/")[0];
  return RUNTIMES.includes(agent) ? agent : "node";
}

/**
 * The rivals have a manifest of their own, so that the root install stays small. Not `npm ci`: it wants the optional
 * packages of all platforms in the lock, and a lock written behind a mirror that lacks some of them has not got those.
 */
function installRivals() {
  const { dependencies } = JSON.parse(readFileSync(path("bench/package.json"), "utf8"));
  if (Object.keys(dependencies).every((name) => existsSync(path(`bench/node_modules/${name}/package.json`)))) return;
  console.error("Installing the benchmark's rivals (npm install in bench/); some may have to be compiled");
  const options = { cwd: path("bench"), stdio: ["ignore", 2, 2], shell: process.platform === "win32" };
  const { status } = spawnSync("npm", ["install", "--no-save"], options);
  if (status !== 0) fail("npm install in bench/ did not work; its messages are above");
}

function commandFor(runtime) {
  const main = path("bench/main.ts");
  const binary = path(`node_modules/.bin/${runtime}`);
  switch (runtime) {
    case "node":
      return ["node", "--import", new URL("node_modules/tsx/dist/loader.mjs", ROOT).href, main];
    case "deno":
      return [binary, "run", "-A", main];
    default:
      return [binary, main];
  }
}

function fail(reason) {
  console.error(`Cannot run the benchmark: ${reason}`);
  process.exit(1);
}

/** What the benchmark is to know of the server that it asks, which is started if none is given. */
async function startServer() {
  console.error("Starting Ceph 20; the first time, it is installed, which takes a minute");
  try {
    return await startCeph("20");
  } catch (error) {
    return fail(`${(error.stderr || error.message).trim()}; FERRITE_SERVER may name another one`);
  }
}

/** Runs the benchmark, and resolves to what it ends with. */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.on("close", (status) => resolve(status ?? 1));
    child.on("error", (error) => {
      console.error(`Cannot run the benchmark: ${runtime} cannot be started: ${error.message}`);
      resolve(1);
    });
  });
}

const { runtime, args, needsServer } = readArguments();
installRivals();
const server = needsServer ? await startServer() : {};
const [command, ...rest] = commandFor(runtime);
const status = await run(command, [...rest, ...args], server);
await endServers();
process.exit(status);
