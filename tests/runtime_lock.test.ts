import { assert, assertEquals } from "@std/assert";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { requireFileSystem } from "../src/runtime/detect.ts";
import { assertFails } from "./support/errors.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";
import { Child, RUNTIMES } from "./support/processes.ts";

const files = requireFileSystem("test");

/** A directory that this process has had and left without a release, as if it had been killed; and what its lock says. */
async function abandoned(directory: string): Promise<{ claim: Record<string, unknown>; write: () => Promise<void> }> {
  const lock = await files.lock(directory);
  const claim = JSON.parse(await readFile(`${directory}/LOCK-1`, "utf8"));
  await lock.release();
  return { claim, write: () => writeFile(`${directory}/LOCK-1`, JSON.stringify(claim)) };
}

test("a directory is locked once in a process, until it is released", () =>
  inDirectory(async (path) => {
    const lock = await files.lock(path("."));
    await assertFails(() => files.lock(path(".")), "LOCKED", `is locked by process ${process.pid}, this one`);
    const both = [lock.release(), lock.release()];
    await Promise.all(both);
    const next = await files.lock(path("."));
    await lock.release(); // once more releases nothing of the next one
    await assertFails(() => files.lock(path(".")), "LOCKED");
    await next.release();
    assertEquals(await readdir(path(".")), ["LOCK-2"]); // numbers go on
  }));

test("of many in one process who lock at once exactly one succeeds", () =>
  inDirectory(async (path) => {
    for (let round = 0; round < 10; round++) {
      const all = await Promise.allSettled(Array.from({ length: 20 }, () => files.lock(path("."))));
      const locks = all.filter((one) => one.status === "fulfilled");
      assertEquals(locks.length, 1);
      await locks[0].value.release();
    }
  }));

for (const runtime of RUNTIMES) {
  test(`a directory that a process on ${runtime} has is LOCKED here, and free at once when it exits, released or not`, () =>
    inDirectory(async (path) => {
      for (const ending of ["release", "exit"]) {
        const child = new Child(runtime, "lock_holder.ts", path("."), ending);
        await child.line();
        child.say("go");
        assertEquals(await child.line(), "held");
        const message = `Cannot open storage: data directory "${path(".")}" is locked by process ${child.pid}`;
        await assertFails(() => files.lock(path(".")), "LOCKED", message);
        await child.end();
        await (await files.lock(path("."))).release();
      }
    }));

  test(`a directory that this process has is LOCKED for one on ${runtime}, and free at once after its kill -9`, () =>
    inDirectory(async (path) => {
      const lock = await files.lock(path("."));
      const [late, next] = [1, 2].map(() => new Child(runtime, "lock_holder.ts", path(".")));
      await late.line();
      late.say("go");
      const message = `Cannot open storage: data directory "${path(".")}" is locked by process ${process.pid}`;
      assertEquals(await late.line(), `LOCKED: ${message}`);
      await late.end();
      await lock.release();

      await next.line();
      next.say("go");
      assertEquals(await next.line(), "held");
      await next.kill();
      await (await files.lock(path("."))).release();
    }));
}

test("of processes on all runtimes who race for the lock of a dead one exactly one succeeds", () =>
  inDirectory(async (path) => {
    const dead = new Child("bun", "lock_holder.ts", path("."));
    const racers = [...RUNTIMES, ...RUNTIMES].map((runtime) => new Child(runtime, "lock_holder.ts", path(".")));
    await Promise.all([dead, ...racers].map((child) => child.line()));
    dead.say("go");
    assertEquals(await dead.line(), "held");
    await dead.kill();
    for (const racer of racers) racer.say("go");
    const outcomes = await Promise.all(racers.map((racer) => racer.line()));
    assertEquals(outcomes.filter((line) => line === "held").length, 1, outcomes.join("\n"));
    assertEquals(outcomes.filter((line) => line.startsWith("LOCKED: ")).length, racers.length - 1);
    await Promise.all(racers.map((racer) => racer.kill()));
    await (await files.lock(path("."))).release();
    assertEquals((await readdir(path("."))).length, 1); // no drafts are left
  }));

test("a lock of another host, of a machine of the same name, or of another pid namespace is never stolen", () =>
  inDirectory(async (path) => {
    if (process.platform !== "linux") return; // which has all of these
    const { claim, write } = await abandoned(path("."));
    Object.assign(claim, { pid: 2 ** 30, released: 0 }); // no such process here
    const cases: [Record<string, unknown>, string][] = [
      [{ host: "elsewhere" }, 'locked by process 1073741824 on "elsewhere"; if that does not run any more, remove'],
      [{ host: "elsewhere", boot: "another", pidNamespace: "another" }, 'on "elsewhere"'],
      [{ machine: "another", boot: "another" }, `on another machine named "${hostname()}"`],
      [{ pidNamespace: "pid:[1]" }, "in another pid namespace; if that does not run"],
      [{ pidNamespace: "pid:[1]", boot: "another" }, "in another pid namespace"],
      [{ host: null }, "cannot tell whether it runs"],
      [{ pidNamespace: null }, "cannot tell whether it runs"],
      [{ boot: null }, "cannot tell whether it runs"],
    ];
    const before = { ...claim };
    for (const [changes, words] of cases) {
      Object.assign(claim, before, changes);
      await write();
      await assertFails(() => files.lock(path(".")), "LOCKED", words);
      assertEquals(await readdir(path(".")), ["LOCK-1"]);
    }
  }));

test("a lock of an earlier boot is free, unless the machine has no id by which it is known to be the same", () =>
  inDirectory(async (path) => {
    if (process.platform !== "linux") return; // which has all of these
    const { claim, write } = await abandoned(path("."));
    Object.assign(claim, { released: 0, boot: "another" }); // our own pid, which runs
    await write();
    if (claim.machine === null) return await assertFails(() => files.lock(path(".")), "LOCKED", "cannot tell");
    await (await files.lock(path("."))).release();
  }));

test("a lock whose pid belongs to another process by now is free; one that runs is not, whatever the clock", () =>
  inDirectory(async (path) => {
    if (process.platform !== "linux") return; // which has all of these
    const { claim, write } = await abandoned(path("."));
    Object.assign(claim, { released: 0, started: "1" });
    await write();
    const lock = await files.lock(path("."));
    await lock.release();

    const other = path("other");
    await files.makeDirectory(other);
    const again = await abandoned(other);
    // Start times of another time namespace, or none, cannot be compared.
    for (const changes of [{ timeNamespace: "time:[1]", started: "1" }, { started: null }]) {
      Object.assign(again.claim, { released: 0 }, changes);
      await again.write();
      await assertFails(() => files.lock(other), "LOCKED", `process ${process.pid}`);
    }
  }));

test("a killed process that nobody has buried yet holds nothing", () =>
  inDirectory(async (path) => {
    if (process.platform !== "linux") return;
    // Its parent, a sleep, will never ask for it.
    const { spawn } = await import("node:child_process");
    const shell = spawn("sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"], { stdio: ["ignore", "pipe", "ignore"] });
    const zombie = await new Promise<number>((resolve) => shell.stdout.once("data", (text) => resolve(Number(text))));
    const { claim, write } = await abandoned(path("."));
    const started = (await readFile(`/proc/${zombie}/stat`, "utf8")).split(" ")[21];
    Object.assign(claim, { released: 0, pid: zombie, started });
    await write();
    await assertFails(() => files.lock(path(".")), "LOCKED", `process ${zombie}`);
    process.kill(zombie, "SIGKILL");
    let state = "";
    for (let i = 0; i < 1000 && state !== "Z"; i++) {
      state = (await readFile(`/proc/${zombie}/stat`, "utf8")).split(" ")[2];
    }
    assertEquals(state, "Z");
    await (await files.lock(path("."))).release();
    const exit = new Promise((resolve) => shell.once("exit", resolve));
    shell.kill("SIGKILL");
    await exit;
  }));

test("on Deno a lock that a process on Deno has is held by flock too, whatever the file says", () =>
  inDirectory(async (path) => {
    if (!("Deno" in globalThis)) return;
    const child = new Child("deno", "lock_holder.ts", path("."));
    await child.line();
    child.say("go");
    assertEquals(await child.line(), "held");
    const claim = JSON.parse(await readFile(path("LOCK-1"), "utf8"));
    await writeFile(path("LOCK-1"), JSON.stringify({ ...claim, pid: 2 ** 30 }));
    await assertFails(() => files.lock(path(".")), "LOCKED", "is locked by process 1073741824");
    await child.kill();
    await (await files.lock(path("."))).release();
  }));

test("a lock that says nothing is waited for, and then counts for nothing; one that says more than is known counts", () =>
  inDirectory(async (path) => {
    await writeFile(path("LOCK-7"), "");
    const start = performance.now();
    const lock = await files.lock(path("."));
    assert(performance.now() - start > 900, "its owner might have been about to write");
    assertEquals(await readdir(path(".")), ["LOCK-8"]);
    await lock.release();

    await writeFile(path("LOCK-9"), "");
    const isLocked = assertFails(() => files.lock(path(".")), "LOCKED", "process 77, of which this one cannot tell");
    await writeFile(path("LOCK-9"), '{"version":2,"pid":77}');
    await isLocked;
  }));

test("drafts that were left are removed, other files are not", () =>
  inDirectory(async (path) => {
    const others = ["LOCK", "LOCK-x", "LOCKED-1", "log-1", "x.tmp"];
    for (const name of [...others, "LOCK-a-b.tmp", "LOCK-2-c.tmp"]) await writeFile(path(name), "");
    const lock = await files.lock(path("."));
    assertEquals((await readdir(path("."))).sort(), ["LOCK-1", ...others].sort());
    await lock.release();
  }));
