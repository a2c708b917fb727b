// `npm run test:cloud`: the cloud store on real servers, which are installed, started on free ports of this machine, and ended: Ceph 20 and
// Ceph 16 (which need root and Debian's tools) and Azurite. On each of them the conformance suite, and what writers, faults and crashes do;
// Ceph 20 is killed, too. `npm run test:cloud -- azurite --runtime deno` is the conformance suite on one of them and one runtime. Ceph stays
// installed in the folders $CEPH_DIR-20 and $CEPH_DIR-16. The last line sums it all up.
import { parseArgs } from "node:util";
import { endServers, startAzurite, startCeph } from "./servers.mjs";
import { countFailure, finish, RUNTIMES, take } from "./steps.mjs";

const CONFORMANCE = ["./tests/servers/cloud.test.ts"];
/** What these start are processes on all runtimes. */
const FAULTS = ["writers", "late", "client_crash"].map((name) => `./tests/servers/${name}.test.ts`);
const KILLS = ["./tests/servers/server_crash.test.ts"];
/** The reference on all runtimes, the others on one. */
const SERVERS = {
  "ceph-20": { start: () => startCeph("20", "bluestore"), runtimes: ["node", "deno", "bun"], isKilled: true },
  "ceph-16": { start: () => startCeph("16"), runtimes: ["deno"] },
  azurite: { start: startAzurite, runtimes: ["bun"] },
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

await Promise.all(names.map((name) => testOn(name)));
await endServers();
finish();

async function testOn(name) {
  const { start, runtimes, isKilled } = SERVERS[name];
  let env;
  try {
    env = await start();
  } catch (error) {
    return countFailure(name, (error.stderr || error.message).trim());
  }
  const { runtime } = values;
  const conform = async () => {
    for (const on of runtime === undefined ? runtimes : [runtime]) {
      await take(RUNTIMES[on](`${name}, conformance on ${on}`, CONFORMANCE), env);
    }
  };
  if (runtime !== undefined) return await conform();
  await Promise.all([conform(), take(RUNTIMES.node(`${name}, writers, faults and crashes`, FAULTS), env)]);
  if (isKilled) await take(RUNTIMES.node(`${name}, kills of the server`, KILLS), env);
}
