// `kill -9` of a server, in the middle of whatever it does: Ceph's OSD, with BlueStore, and gateway, as `CEPH_DIR` and `CEPH_PORT` tell
// tests/servers/ceph where they are. Azurite keeps in memory for up to five seconds what it has acknowledged, so it is not killed here.

import { assert, assertEquals } from "@std/assert";
import { CloudStore } from "@ferrite/storage/cloud";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sleep } from "../support/bytes.ts";
import { follow, startCrew } from "../support/cloud/crew.ts";
import { bucketOf } from "../support/cloud/target.ts";
import type { Task } from "../support/cloud/writer.ts";
import { KIND_NAMES, Ledger } from "../support/cloud/writers.ts";
import { test } from "../support/harness.ts";
import { RUNTIMES } from "../support/processes.ts";
import { seeded } from "../support/random.ts";
import { newBucket } from "./buckets.ts";

const ROUNDS = 3;
const target = await newBucket();
const ceph = (command: string) =>
  promisify(execFile)(fileURLToPath(new URL("ceph", import.meta.url)), [command], { timeout: 100_000 });

/** Writers on all runtimes, in a store of their own. */
async function startWriters(options: Task["options"], inParts: boolean) {
  const prefix = `${crypto.randomUUID()}/`;
  const ledger = new Ledger(KIND_NAMES);
  const crew = await startCrew(
    RUNTIMES.map((writer) => ({ target, prefix, writer, kinds: KIND_NAMES, options, inParts })),
  );
  /** How many lines each of them has said. */
  const lines = crew.map(() => 0);
  return {
    crew,
    ledger,
    lines,
    write: () => Promise.all(crew.map((child, i) => follow(child, ledger, () => lines[i]++))),
    async judge() {
      await using store = new CloudStore({ storage: bucketOf(target), prefix });
      await ledger.judge(store);
    },
  };
}

test("kill -9 of the server, again and again: nothing that was acknowledged is lost, and writers with patience notice nothing", () =>
  seeded(async (random) => {
    const patient = await startWriters({ attempts: 1000, timeoutMs: 5000 }, true);
    const hasty = await startWriters({ attempts: 2, timeoutMs: 500 }, false);
    try {
      const ends = Promise.all([patient.write(), hasty.write()]);
      for (let round = 0; round < ROUNDS; round++) {
        await sleep(500 + random.below(1500));
        await ceph("kill");
        await sleep(random.below(1000));
        await ceph("resume");
        const before = [...patient.lines];
        while (patient.lines.some((count, i) => count === before[i])) await sleep(20);
      }
      for (const child of [...patient.crew, ...hasty.crew]) child.say("stop");
      assert((await ends).flat().every((end) => end === "done"), `${await ends}`);
    } finally {
      await Promise.all([...patient.crew, ...hasty.crew].map((child) => child.kill()));
    }
    console.log(`patient: ${JSON.stringify(patient.ledger.counts())}, hasty: ${JSON.stringify(hasty.ledger.counts())}`);
    await patient.judge();
    await hasty.judge();
    const { unknown, failed } = patient.ledger.counts();
    assertEquals({ unknown, failed }, { unknown: 0, failed: 0 });
    const lost = hasty.ledger.counts();
    assert(lost.unknown + lost.failed > 0, "none of the hasty has noticed");
  }));
