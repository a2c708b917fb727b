// Real servers of object storage on this machine, on free ports.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const AZURITE = path("tests/servers/azurite");

/** What ends the servers that have been started. */
const ends = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await endServers();
    process.exit(1);
  });
}

// A server that has started is told to those who use it by variables of their environment.

/**
 * Ceph of a release, which is installed in the folder $CEPH_DIR-16 or $CEPH_DIR-20: that needs root and Debian's tools. With "bluestore" it may
 * be killed.
 */
export async function startCeph(release, store = "memstore") {
  const [port, monPort] = [await freePort(), await freePort()];
  const directory = process.env.CEPH_DIR ?? join(tmpdir(), "ferrite-ceph");
  const env = {
    CEPH_DIR: `${directory}-${release}`,
    CEPH_PORT: `${port}`,
    CEPH_MON_PORT: `${monPort}`,
    CEPH_STORE: store,
    FERRITE_SERVER: `s3 http://127.0.0.1:${port}`,
  };
  const ceph = (...args) => promisify(execFile)(path("tests/servers/ceph"), args, { env: { ...process.env, ...env } });
  const end = () => ceph("stop");
  ends.add(end);
  await ceph("start", release);
  return env;
}

/** Azurite is big, so it is no dependency of the package: it is installed where it is needed. */
export async function startAzurite() {
  const main = join(AZURITE, "node_modules/azurite/dist/src/blob/main.js");
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
  return { FERRITE_SERVER: `azure ${endpoint}` };
}

/** A port that was free just now. */
async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

export async function endServers() {
  const all = [...ends];
  ends.clear();
  await Promise.allSettled(all.map((end) => end()));
}
