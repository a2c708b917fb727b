import { assert, assertEquals } from "@std/assert";
import { StorageError } from "../src/errors.ts";
import type { Lock, OpenFile } from "../src/runtime/files.ts";
import { lockDirectory, type LockHost } from "../src/runtime/lock.ts";
import type { Owner } from "../src/runtime/owner.ts";
import { pause } from "../src/runtime/pause.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

// Processes that are not real ones, on files that are not either, so that thousands of races can be run, each between
// any two steps of it.

const DIRECTORY = "data";

/** All processes of a machine, and who of them has the directory. */
class Machine {
  readonly files: FaultyFiles;
  readonly #random: Random;
  readonly #running = new Set<number>();
  #pids = 0;
  owner: number | null = null;
  /** How often the directory was taken. */
  taken = 0;

  constructor(random: Random, hasLinks: boolean) {
    this.#random = random;
    this.files = new FaultyFiles({ seed: random.below(2 ** 31) });
    if (!hasLinks) {
      this.files.fail = ({ kind }) => kind === "link" ? Object.assign(new Error(), { code: "EPERM" }) : undefined;
    }
  }

  /** Runs a process that wants the directory, has it for a while, and releases it or is killed: then, or anywhere else. */
  async run(): Promise<void> {
    const pid = ++this.#pids;
    this.#running.add(pid);
    await new Promise<void>((end, fail) => this.#live(pid, end).then(end, fail));
    this.#running.delete(pid);
  }

  async #live(pid: number, die: () => void): Promise<void> {
    const lock = await this.#lock(pid, die);
    if (lock === null) return;
    assertEquals(this.owner, null, `process ${pid} and another have the directory`);
    this.owner = pid;
    this.taken++;
    await (this.#random.below(2) === 0 ? this.#steps() : this.#stall());
    assertEquals(this.owner, pid, `process ${pid} and another have the directory`);
    this.owner = null;
    if (this.#random.below(3) > 0) await lock.release();
  }

  async #lock(pid: number, die: () => void): Promise<Lock | null> {
    try {
      return await lockDirectory(this.#host(pid, die), DIRECTORY);
    } catch (error) {
      if (error instanceof StorageError && error.code === "LOCKED") return null;
      throw error;
    }
  }

  #host(pid: number, die: () => void): LockHost {
    const { files } = this;
    let stepsToLive = this.#random.below(3) === 0 ? this.#random.below(30) : Infinity;
    const step = async <T>(run: () => Promise<T>): Promise<T> => {
      if (--stepsToLive < 0) {
        die();
        return await new Promise<never>(() => {}); // nothing of it runs any more
      }
      // The system lets others run, for longer than they need to take the directory and to release it, or die.
      if (this.#random.below(12) === 0) await this.#stall();
      return await run();
    };
    const mortal = (file: OpenFile): OpenFile => ({
      ...file,
      write: (bytes, position) => step(() => file.write(bytes, position)),
      sync: () => step(() => file.sync()),
    });
    const self: Owner = {
      host: "h",
      machine: "m",
      boot: "b",
      pidNamespace: "n",
      timeNamespace: "t",
      pid,
      started: "1",
    };
    return {
      files: {
        list: () => step(() => this.#list()),
        create: (path) => step(async () => mortal(await files.create(path))),
        link: (from, to) => step(() => files.link(from, to)),
        remove: (path) => step(() => files.remove(path)),
        readText: (path) => step(() => files.readText(path)),
      },
      processes: { self, judge: (owner) => this.#running.has(owner.pid) ? "running" : "gone" },
      wait: () => step(() => this.#steps()),
    };
  }

  /** What comes or goes while a directory is read may be missing. */
  async #list(): Promise<string[]> {
    const before = await this.files.list(DIRECTORY);
    await this.#steps();
    const after = new Set(await this.files.list(DIRECTORY));
    return before.filter((name) => after.has(name));
  }

  async #steps(): Promise<void> {
    for (let i = this.#random.below(10); i > 0; i--) await null;
  }

  async #stall(): Promise<void> {
    for (let i = this.#random.below(30); i > 0; i--) await pause();
  }
}

for (const hasLinks of [true, false]) {
  test(`in many races ${hasLinks ? "" : "without hard links "}never two have the directory, and it does not get stuck`, () =>
    seeded(async (random) => {
      let taken = 0;
      for (let race = 0; race < 300; race++) {
        const machine = new Machine(random, hasLinks);
        await machine.files.makeDirectory(DIRECTORY);
        await Promise.all(Array.from({ length: 4 }, async () => {
          for (let i = 0; i < 4; i++) await machine.run();
        }));
        taken += machine.taken;
        // All are gone by now.
        const before = machine.taken;
        for (let i = 0; i < 20 && machine.taken === before; i++) await machine.run();
        assert(machine.taken > before, "the directory is free");
      }
      assert(taken > 900, `the directory was taken ${taken} times`);
    }));
}

test("after a power failure at any moment the directory is free", () =>
  seeded(async (random) => {
    for (let i = 0; i < 300; i++) {
      const files = new FaultyFiles({ seed: random.below(2 ** 31) });
      await files.makeDirectory(DIRECTORY);
      const before = host(files, "before");
      for (let round = 0; round < 2; round++) await (await lockDirectory(before, DIRECTORY)).release();
      files.crashAt = files.operations + 1 + random.below(12);
      await lockDirectory(before, DIRECTORY).then((lock) => lock.release()).catch(() => {});
      const found = host(files.crash(), "after");
      const lock = await lockDirectory(found, DIRECTORY);
      await lockDirectory(found, DIRECTORY).then(() => assert(false), (error) => assertEquals(error.code, "LOCKED"));
      await lock.release();
    }
  }));

/** A process of one boot of a machine. */
function host(files: FaultyFiles, boot: string): LockHost {
  const self: Owner = {
    host: "h",
    machine: "m",
    boot,
    pidNamespace: "n",
    timeNamespace: "t",
    pid: 1,
    started: "1",
  };
  return {
    files,
    processes: { self, judge: (owner) => owner.boot === boot ? "running" : "gone" },
    wait: async () => {},
  };
}
