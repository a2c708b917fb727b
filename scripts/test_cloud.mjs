// `npm run test:cloud`: the conformance suite on real servers, which it installs, starts on free ports of this machine, and ends: Ceph 20 and
// Ceph 16 (which need root and Debian's tools) and Azurite. `npm run test:cloud -- azurite --runtime deno` is one of them on one runtime. Ceph
// stays installed in the folders $CEPH_DIR-20 and $CEPH_DIR-16. The last line sums it all up.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { countFailure, finish, RUNTIMES, take } from "./steps.mjs";

const TESTS = ["./tests/servers/cloud.test.ts"];
const AZURITE = "tests/servers/azurite";
/** The reference on all runtimes, and the others so that they are done when that is. */
const SERVERS = {
  "ceph-20": { start: () => startCeph("20"), runtimes: ["node", "deno", "bun"] },
  "ceph-16": { start: () => startCeph("16"), runtimes: ["deno"] },
  azurite: { start: startAzurite, runtimes: ["bun", "node"] },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runtime: { type: "string" } } });
const names = positionals.length > 0 ? positionals : Object.keys(SERVERS);
const unknown = [...names.filter((name) => !(name in SERVERS)), values.runtime ?? "node"].find((name) =>
  !(name in SERVERS) && !(name in RUNTIMES)
);
if (unknown !== undefined) {
  console.error(`There is no ${unknown}: there are ${Object.keys(SERVERS)}, and --runtime ${Object.keys(RUNTIMES)}`);
  process.exit(2);
}

/** What ends the servers that have been started. */
const ends = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await endAll();
    process.exit(1);
  });
}

await Promise.all(names.map((name) => testOn(name)));
await endAll();
finish();

/** The runtimes one after another: the servers take turns on the processors as it is. */
async function testOn(name) {
  const { start, runtimes } = SERVERS[name];
  let server;
  try {
    server = await start();
  } catch (error) {
    return countFailure(name, (error.stderr || error.message).trim());
  }
  for (const runtime of values.runtime === undefined ? runtimes : [values.runtime]) {
    await take(RUNTIMES[runtime](`${name} on ${runtime}`, TESTS), { FERRITE_SERVER: server });
  }
}

async function startCeph(release) {
  const [port, monPort] = [await freePort(), await freePort()];
  const directory = process.env.CEPH_DIR ?? join(tmpdir(), "ferrite-ceph");
  const env = {
    ...process.env,
    CEPH_DIR: `${directory}-${release}`,
    CEPH_PORT: `${port}`,
    CEPH_MON_PORT: `${monPort}`,
  };
  const ceph = (...args) => promisify(execFile)("tests/servers/ceph", args, { env });
  const end = () => ceph("stop");
  ends.add(end);
  await ceph("start", release);
  return `s3 http://127.0.0.1:${port}`;
}

/** Azurite is big, so it is no dependency of the package: it is installed where it is needed. */
async function startAzurite() {
  const main = resolve(AZURITE, "node_modules/azurite/dist/src/blob/main.js");
  if (!existsSync(main)) {
    const args = ["install", "--no-save", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", args, { cwd: AZURITE, shell: process.platform === "win32" });
  }
  const options = ["--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry", "--silent"];
  const azurite = spawn(process.execPath, [main, ...options], { cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] });
  ends.add(() => azurite.kill());
  const endpoint = await new Promise((start, reject) => {
    const said = [];
    azurite.on("exit", () => reject(new Error(`Azurite does not start: ${said.join("\n")}`)));
    createInterface({ input: azurite.stdout }).on("line", (line) => {
      said.push(line);
      const [, endpoint] = /successfully listens on (http:\S+)/.exec(line) ?? [];
      if (endpoint !== undefined) start(endpoint);
    });
  });
  return `azure ${endpoint}`;
}

/** A port that was free just now. */
async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function endAll() {
  const all = [...ends];
  ends.clear();
  await Promise.allSettled(all.map((end) => end()));
}
