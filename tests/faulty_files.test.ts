import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { StorageError } from "../src/errors.ts";
import type { OpenFile } from "../src/runtime/files.ts";
import { bytes, pattern, sameBytes, textOf } from "./support/bytes.ts";
import { FaultyFiles, PowerLoss } from "./support/faulty_files.ts";
import { SECTOR_BYTES } from "./support/faulty_inode.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

// What crash tests rest on: that these files lose what a disk may lose, and nothing else.

async function assertCode(run: () => unknown, code: string): Promise<void> {
  const error = await assertRejects(async () => await run(), Error);
  assertEquals((error as { code?: string }).code, code, error.message);
}

/** A file with these bytes, safe on the disk. */
async function put(files: FaultyFiles, path: string, content: Uint8Array): Promise<OpenFile> {
  const file = await files.create(path);
  await file.write(content, 0);
  await file.sync();
  await files.syncDirectory(".");
  return file;
}

/** What many crashes at this moment leave of a file, as text; "gone" where it has no name. */
function outcomes(files: FaultyFiles, path: string, count = 300): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const after = files.crash();
    const what = after.paths().includes(path) ? textOf(after.contents(path))! : "gone";
    found.set(what, (found.get(what) ?? 0) + 1);
  }
  return found;
}

function assertSees(found: Map<string, number>, expected: string[]): void {
  assertEquals([...found.keys()].sort(), [...expected].sort());
}

test("files behave like the runtime's: content, codes, names", async () => {
  const files = new FaultyFiles();
  await files.makeDirectory("a/b");
  const file = await files.create("./a//b/f");
  await file.write(pattern(2000), 0);
  file.writeSync(pattern(100, 9), 500);
  const into = new Uint8Array(3000);
  assertEquals(await file.read(into, 400), 1600);
  assertEquals(file.readSync(into.subarray(0, 100), 500), 100);
  assert(sameBytes(into.subarray(0, 100), pattern(100, 9)));
  await file.truncate(50);
  await file.truncate(60);
  assertEquals(files.contents("a/b/f"), new Uint8Array([...pattern(50), ...new Uint8Array(10)]));
  await files.link("a/b/f", "a/g");
  await assertCode(() => files.link("a/b/f", "a/g"), "EEXIST");
  await assertCode(() => files.create("a/g"), "EEXIST");
  await assertCode(() => files.create("no/g"), "ENOENT");
  await assertCode(() => files.open("none"), "ENOENT");
  await assertCode(() => files.edit("none"), "ENOENT");
  await assertCode(() => files.map("none"), "ENOENT");
  await assertCode(() => files.list("none"), "ENOENT");
  await assertCode(() => files.syncDirectory("none"), "ENOENT");
  await assertCode(() => files.replace("none", "a/h"), "ENOENT");
  await files.replace("a/g", "a/h");
  await file.write(bytes("x"), 0); // two names, one file
  assertEquals(files.contents("a/h")[0], 120);
  assertEquals((await files.list("a")).sort(), ["b", "h"]);
  assertEquals(await files.list("."), ["a"]);
  await files.remove("a/b/f");
  await files.remove("a/b/f");
  assertEquals(files.paths(), ["a/h"]);
  await files.removeDirectory("a");
  await files.removeDirectory("a");
  assertEquals(files.paths(), []);
  assertEquals(await file.size(), 60); // an open file stays
  await file.close();
  await assertCode(() => file.size(), "EBADF");
  const reader = await files.create("r").then(() => files.open("r"));
  await assertCode(() => reader.write(bytes("x"), 0), "EBADF");
});

test("what was synced survives every crash", () =>
  seeded(async (random) => {
    const files = new FaultyFiles({ seed: random.below(2 ** 31), showsLeftovers: true });
    const safe = pattern(5000);
    const file = await put(files, "f", safe);
    await file.write(pattern(2000, 9), 10_000); // behind it, and not synced
    await files.create("other");
    for (let i = 0; i < 300; i++) {
      let found = files.crash();
      // The next crashes lose nothing more.
      for (let again = 0; again < 3; again++) {
        assert(sameBytes(found.contents("f").subarray(0, 5000), safe));
        found = found.crash();
      }
    }
  }));

test("of what was not synced each sector is there, or not, in any combination", () =>
  seeded(async (random) => {
    const files = new FaultyFiles({ seed: random.below(2 ** 31) });
    const [before, after] = [pattern(4 * SECTOR_BYTES, 1), pattern(4 * SECTOR_BYTES, 2)];
    const file = await put(files, "f", before);
    await file.write(after, 0);
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const found = files.crash().contents("f");
      const which = [0, 1, 2, 3].map((sector) => {
        const part = (from: Uint8Array) => from.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
        const isNew = sameBytes(part(found), part(after));
        assert(isNew || sameBytes(part(found), part(before)), "a sector is whole");
        return isNew ? "n" : "o";
      });
      seen.add(which.join(""));
    }
    assertEquals(seen.size, 16);
  }));

test("a sector written several times may be found as it was at any of them", async () => {
  const files = new FaultyFiles();
  const file = await put(files, "f", bytes("0"));
  for (const text of ["1", "2", "3"]) file.writeSync(bytes(text), 0);
  assertSees(outcomes(files, "f"), ["0", "1", "2", "3"]);
  file.syncSync();
  assertSees(outcomes(files, "f"), ["3"]);
});

test("a file that grew may be found with any of its lengths, and zeros where nothing was written", async () => {
  const files = new FaultyFiles();
  const file = await put(files, "f", bytes("a"));
  file.writeSync(bytes("b"), 1);
  file.writeSync(bytes("c"), 2);
  assertSees(outcomes(files, "f"), ["a", "ab", "a\0", "abc", "ab\0", "a\0\0"]);
});

test("a cut may be lost, in whole or in part, and what was behind a cut that was not does not come back", async () => {
  const files = new FaultyFiles();
  const file = await put(files, "f", bytes("abc"));
  await file.truncate(1);
  // The rest of the sector is cleared before the length is written.
  assertSees(outcomes(files, "f"), ["abc", "a", "a\0\0"]);
  file.writeSync(bytes("d"), 2);
  const found = outcomes(files, "f");
  for (const what of found.keys()) assert(["abc", "a\0d", "a", "a\0\0"].includes(what), JSON.stringify(what));
  assert(found.has("a\0d") && found.has("abc"));
});

test("a new file may be gone while its directory is not synced, even when it is synced itself", async () => {
  const files = new FaultyFiles();
  const file = files.createSync("f");
  file.writeSync(bytes("x"), 0);
  file.syncSync();
  assertSees(outcomes(files, "f"), ["x", "gone"]);
  files.syncDirectorySync(".");
  assertSees(outcomes(files, "f"), ["x"]);
});

test("a name that is safe does not make its content safe", async () => {
  const files = new FaultyFiles();
  const file = files.createSync("f");
  files.syncDirectorySync(".");
  file.writeSync(bytes("x"), 0);
  assertSees(outcomes(files, "f"), ["", "\0", "x"]);
});

test("a removed file may come back, until its directory is synced", async () => {
  const files = new FaultyFiles();
  await put(files, "f", bytes("x"));
  await files.remove("f");
  assertSees(outcomes(files, "f"), ["x", "gone"]);
  await files.create("f").then((file) => file.close());
  assertSees(outcomes(files, "f"), ["x", "", "gone"]);
  await files.remove("f");
  await files.syncDirectory(".");
  assertSees(outcomes(files, "f"), ["gone"]);
});

test("replace lasts, and before it is done there is the old file or the new one, never none", () =>
  seeded(async (random) => {
    for (let i = 0; i < 100; i++) {
      const files = new FaultyFiles({ seed: random.below(2 ** 31) });
      await put(files, "f", bytes("old"));
      await put(files, "draft", bytes("new"));
      files.crashAt = files.operations + 1;
      await assertRejects(() => files.replace("draft", "f"), PowerLoss);
      const found = files.crash();
      assert(["old", "new"].includes(textOf(found.contents("f"))!));
      assertEquals(found.paths().includes("draft"), textOf(found.contents("f")) === "old");
      if (found.paths().includes("draft")) await found.replace("draft", "f");
      assertSees(outcomes(found, "f", 30), ["new"]);
    }
  }));

test("replace puts on the disk what it builds on: the name of the draft, but not its content", async () => {
  const files = new FaultyFiles();
  await put(files, "f", bytes("old"));
  const draft = await files.create("draft");
  await draft.write(bytes("new"), 0);
  await files.replace("draft", "f");
  assertSees(outcomes(files, "f"), ["", "\0\0\0", "new"]);
});

test("a second name may be lost, and shares the content when it is not", async () => {
  const files = new FaultyFiles();
  const file = await put(files, "f", bytes("1"));
  await files.link("f", "g");
  assertSees(outcomes(files, "g"), ["1", "gone"]);
  await files.syncDirectory(".");
  await files.remove("f");
  await files.syncDirectory(".");
  await file.write(bytes("2"), 0);
  await file.sync();
  assertSees(outcomes(files, "g"), ["2"]);
  const found = files.crash();
  await found.link("g", "h");
  await (await found.edit("g")).write(bytes("3"), 0);
  assertEquals(textOf(found.contents("h")), "3");
  assertEquals(textOf(files.contents("g")), "2"); // what was crashed goes on by itself
});

test("a directory that is removed may come back with some of its files, and one that is made again is there", async () => {
  const files = new FaultyFiles();
  await files.makeDirectory("d");
  for (const name of ["a", "b"]) await put(files, `d/${name}`, bytes(name));
  await files.syncDirectory("d");
  await files.removeDirectory("d");
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) seen.add(files.crash().paths().join());
  assertEquals([...seen].sort(), ["", "d/a", "d/a,d/b", "d/b"]);
  const removed = files.killed();
  await removed.syncDirectory(".");
  await assertCode(() => removed.crash().list("d"), "ENOENT");
  await files.makeDirectory("d");
  await put(files, "d/c", bytes("c"));
  await files.syncDirectory("d");
  for (let i = 0; i < 50; i++) assertEquals(files.crash().paths(), ["d/c"]);
});

test("leftovers of removed files show up where a sector was not written, when asked for", async () => {
  for (const showsLeftovers of [true, false]) {
    const files = new FaultyFiles({ showsLeftovers });
    await put(files, "old", new Uint8Array(SECTOR_BYTES).fill(7));
    await files.remove("old");
    const file = await put(files, "f", new Uint8Array(0));
    file.writeSync(new Uint8Array(SECTOR_BYTES).fill(8), 0);
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) seen.add(files.crash().contents("f")[0] ?? -1);
    assertEquals([...seen].sort((a, b) => a - b), showsLeftovers ? [-1, 0, 7, 8] : [-1, 0, 8]);
  }
});

test("after kill -9 everything written is there, locks are free, and it may still be lost", async () => {
  const files = new FaultyFiles();
  const file = await files.create("f");
  await file.write(bytes("x"), 0);
  await files.lock(".");
  const error = await assertRejects(() => files.lock("./"), StorageError);
  assertEquals(error.code, "LOCKED");
  const found = files.killed();
  assertEquals(textOf(found.contents("f")), "x");
  const lock = await found.lock(".");
  assertSees(outcomes(found, "f"), ["gone", "", "\0", "x"]);
  await lock.release();
  await found.lock(".");
});

test("a write under way when the process is killed, or the power goes, may be done in part", () =>
  seeded(async (random) => {
    const killed = new Set<number>();
    const crashed = new Set<number>();
    for (let i = 0; i < 300; i++) {
      const files = new FaultyFiles({ seed: random.below(2 ** 31) });
      const file = await put(files, "f", new Uint8Array(0));
      const write = file.write(new Uint8Array(4 * SECTOR_BYTES).fill(1), 0);
      killed.add(files.killed().contents("f").length / SECTOR_BYTES);
      files.crashAt = files.operations + 1;
      await assertRejects(() => write, PowerLoss);
      crashed.add(files.crash("everything").contents("f").length / SECTOR_BYTES);
    }
    assertEquals([...killed].sort(), [0, 1, 2, 3, 4]);
    assertEquals([...crashed].sort(), [0, 1, 2, 3, 4]);
  }));

test("the power goes at an operation, and everything after it fails, reads and locks included", async () => {
  const run = async (files: FaultyFiles) => {
    const file = await files.create("f");
    await file.write(bytes("x"), 0);
    await file.sync();
    await files.syncDirectory(".");
    await files.replace("f", "g");
    await files.remove("g");
    return file;
  };
  const whole = new FaultyFiles();
  await run(whole);
  assertEquals(whole.operations, 6);
  for (let n = 1; n <= 6; n++) {
    const files = new FaultyFiles({ seed: n });
    files.crashAt = n;
    await assertRejects(() => run(files), PowerLoss);
    assertEquals(files.operations, n);
    const calls = [
      () => files.open("f"),
      () => files.list("."),
      () => files.lock("."),
      () => files.create("h"),
      () => files.remove("h"),
    ];
    for (const call of calls) await assertRejects(call, PowerLoss);
    assertThrows(() => files.createSync("h"), PowerLoss);
    assertThrows(() => files.syncDirectorySync("."), PowerLoss);
    await files.crash().create("h");
  }
});

test("a failed sync forgets what it had to write: the next one succeeds, and the data is lost all the same", async () => {
  const files = new FaultyFiles();
  const file = await put(files, "f", bytes("old"));
  await file.write(bytes("new"), 0);
  files.fail = ({ kind }) => kind === "sync" ? Object.assign(new Error("EIO"), { code: "EIO" }) : undefined;
  await assertCode(() => file.sync(), "EIO");
  files.fail = undefined;
  await file.sync();
  assertEquals(textOf(files.contents("f")), "new");
  assertSees(outcomes(files, "f"), ["old", "new"]);
  await file.write(bytes("N"), 0); // the sector is written again, and with it all that it shows
  await file.sync();
  assertSees(outcomes(files, "f"), ["New"]);
});

test("errors are injected where they are asked for; a disk that takes part of a write is asked for the rest", async () => {
  const files = new FaultyFiles();
  const seen: string[] = [];
  files.fail = ({ kind, path, length, count }) => {
    seen.push(`${kind} ${path} ${length} ${count}`);
    if (kind === "write" && length > 400) return 300;
    if (kind === "write" && length === 350) return Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    if (kind === "read") return 500;
  };
  const file = await files.create("f");
  await file.write(pattern(1000), 0);
  await assertCode(() => file.write(pattern(650, 2), 1000), "ENOSPC");
  assertEquals(await file.size(), 1300); // what was taken before stays
  const into = new Uint8Array(1000);
  assertEquals(await file.read(into, 0), 1000);
  assert(sameBytes(into, pattern(1000)));
  assertEquals(seen, [
    "create f 0 1",
    "write f 1000 2",
    "write f 700 3",
    "write f 400 4",
    "write f 650 5",
    "write f 350 6",
    "read f 1000 1",
    "read f 500 2",
  ]);
});

test("a disk that lies loses what it said was synced, renamed, or in a directory", async () => {
  for (const lying of ["sync", "replace", "syncDirectory"]) {
    const files = new FaultyFiles();
    await put(files, "f", bytes("old"));
    files.fail = ({ kind }) => kind === lying ? 0 : undefined;
    await put(files, "draft", bytes("new"));
    await files.replace("draft", "f");
    assertEquals(textOf(files.contents("f")), "new");
    const found = outcomes(files, "f");
    assert(found.has(lying === "sync" ? "" : "old") === (lying !== "syncDirectory"), lying);
    assert(found.has("new"));
  }
});

test("a flipped bit is shown, and is on the disk", async () => {
  const files = new FaultyFiles();
  await put(files, "f", bytes("a"));
  files.flip("f", 0, 3);
  assertEquals(textOf(files.contents("f")), "b");
  assertSees(outcomes(files, "f"), ["b"]);
});

test("a view of a mapped file is spoilt by the next call, and reads can fail", async () => {
  const files = new FaultyFiles();
  await put(files, "f", pattern(1000));
  const mapped = await files.map("f");
  assertEquals(mapped.size, 1000);
  await mapped.load(0, 1000);
  const view = mapped.bytes(900, 500);
  assert(sameBytes(view, pattern(1000).subarray(900)));
  mapped.bytes(0, 1);
  assert(view.every((byte) => byte === 0xdb));
  files.fail = ({ kind }) => kind === "read" ? new Error("EIO") : undefined;
  assertThrows(() => mapped.bytes(0, 1), Error, "EIO");
  await assertRejects(() => mapped.load(0, 1), Error, "EIO");
  mapped.close();
  assertThrows(() => mapped.bytes(0, 1), Error, "closed");
});

test("files that map directly show their own bytes, and only bringing them in can fail", async () => {
  const files = new FaultyFiles({ mapsDirectly: true });
  const file = await put(files, "f", pattern(1000));
  const mapped = await files.map("f");
  const { reads } = files;
  const view = mapped.bytes(900, 500);
  assert(sameBytes(view, pattern(1000).subarray(900)));
  files.flip("f", 901, 0xff);
  assertEquals(mapped.bytes(901, 1)[0], pattern(1000)[901] ^ 0xff);
  await file.truncate(950);
  assertEquals(mapped.bytes(900, 100).length, 50);
  assertEquals(files.reads, reads);
  files.fail = ({ kind }) => kind === "read" ? new Error("EIO") : undefined;
  assertEquals(mapped.bytes(0, 1).length, 1);
  await assertRejects(() => mapped.load(0, 1), Error, "EIO");
  mapped.close();
  assertThrows(() => mapped.bytes(0, 1), Error, "closed");
  for (const found of [files.crash(), files.killed()]) assertEquals(found.mapsDirectly, true);
});

test("what is awaited is done in another order than it was called, and one seed always gives the same", async () => {
  const run = async (seed: number) => {
    const files = new FaultyFiles({ seed });
    const file = await files.create("f");
    await files.syncDirectory(".");
    const order: number[] = [];
    await Promise.all(Array.from({ length: 50 }, (_, i) => file.write(bytes("x"), i).then(() => order.push(i))));
    return [...order, ...Array.from({ length: 10 }, () => files.crash().contents("f").length)];
  };
  const first = await run(5);
  assert(first.slice(0, 50).some((i, at) => i !== at));
  assertEquals(await run(5), first);
  assert((await run(6)).join() !== first.join());
});

test("3,000 crashes of a log that syncs and acknowledges lose no acknowledged entry", () =>
  seeded(async (random) => {
    for (let i = 0; i < 3000; i++) {
      const files = new FaultyFiles({ seed: random.below(2 ** 31), showsLeftovers: i % 2 === 0 });
      files.crashAt = 4 + random.below(30);
      let acknowledged = 0;
      try {
        const file = await files.create("log");
        await files.syncDirectory(".");
        for (let entry = 1; entry <= 10; entry++) {
          await file.write(entryOf(entry), (entry - 1) * 700);
          await file.sync();
          acknowledged = entry;
        }
      } catch (error) {
        assert(error instanceof PowerLoss);
      }
      const found = files.crash().contents("log");
      for (let entry = 1; entry <= acknowledged; entry++) {
        assert(sameBytes(found.subarray((entry - 1) * 700, entry * 700), entryOf(entry)), `entry ${entry}`);
      }
    }
  }));

function entryOf(entry: number): Uint8Array {
  return pattern(700, entry);
}

test("whatever is done, a crash in which everything survives shows what was shown", () =>
  seeded(async (random) => {
    for (let round = 0; round < 20; round++) {
      const files = new FaultyFiles({ seed: random.below(2 ** 31) });
      for (let i = 0; i < 60; i++) {
        await change(files, random);
        for (const found of [files.crash("everything"), files.killed()]) {
          assertEquals(found.paths(), files.paths());
          for (const path of files.paths()) assert(sameBytes(found.contents(path), files.contents(path)), path);
        }
        files.crash("mix");
        files.crash("nothing");
      }
    }
  }));

async function change(files: FaultyFiles, random: Random): Promise<void> {
  const [path, other] = [`${random.below(5)}`, `${random.below(5)}`];
  const isThere = files.paths().includes(path);
  switch (random.below(6)) {
    case 0:
      return await files.remove(path);
    case 1:
      return isThere ? await files.replace(path, other) : undefined;
    case 2:
      return isThere && !files.paths().includes(other) ? await files.link(path, other) : undefined;
    case 3:
      return await files.syncDirectory(".");
    default: {
      const file = isThere ? await files.edit(path) : await files.create(path);
      if (random.below(3) === 0) await file.truncate(random.below(3000));
      if (random.below(3) > 0) await file.write(pattern(random.below(1500), random.below(256)), random.below(2000));
      if (random.below(3) === 0) await file.sync();
    }
  }
}
