import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readFile, stat, writeFile } from "node:fs/promises";
import { requireFileSystem } from "../src/runtime/detect.ts";
import type { OpenFile } from "../src/runtime/files.ts";
import { pattern, sameBytes } from "./support/bytes.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";
import { seeded } from "./support/random.ts";

const files = requireFileSystem("test");

async function assertCode(run: () => unknown, code: string): Promise<void> {
  const error = await assertRejects(async () => await run(), Error);
  assertEquals((error as { code?: string }).code, code, error.message);
}

test("positional reads and writes, awaited and blocking, see each other", () =>
  inDirectory(async (path) => {
    const file = await files.create(path("f"));
    await file.write(pattern(10_000, 1), 0);
    file.writeSync(pattern(10_000, 2), 5000);
    await file.write(pattern(100, 3), 9000);
    const expected = new Uint8Array(15_000);
    expected.set(pattern(10_000, 1), 0);
    expected.set(pattern(10_000, 2), 5000);
    expected.set(pattern(100, 3), 9000);

    const awaited = new Uint8Array(15_000);
    assertEquals(await file.read(awaited, 0), 15_000);
    assert(sameBytes(awaited, expected));
    const blocking = new Uint8Array(7000);
    assertEquals(file.readSync(blocking, 4321), 7000);
    assert(sameBytes(blocking, expected.subarray(4321, 11_321)));
    assertEquals(await file.size(), 15_000);
    await file.close();
    assert(sameBytes(await readFile(path("f")), expected));
  }));

test("a read is short at the end of the file only, and empty behind it", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(1000));
    const file = await files.open(path("f"));
    for (const read of [file.read, file.readSync]) {
      const into = new Uint8Array(600).fill(7);
      assertEquals(await read(into, 900), 100);
      assert(sameBytes(into.subarray(0, 100), pattern(1000).subarray(900)));
      assert(into.subarray(100).every((byte) => byte === 7));
      assertEquals(await read(into, 1000), 0);
      assertEquals(await read(into, 10_000), 0);
      assertEquals(await read(new Uint8Array(0), 0), 0);
    }
    await file.close();
  }));

test("a blocking read goes straight into a WebAssembly memory, also after it has grown", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(200_000));
    const file = await files.open(path("f"));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 8 });
    for (const at of [1000, 60_000, 300_000]) {
      if (at > 65_536) memory.grow(5);
      const length = 5000;
      assertEquals(file.readSync(new Uint8Array(memory.buffer, at, length), 123_456), length);
      const got = new Uint8Array(memory.buffer, at - 8, length + 16);
      assert(sameBytes(got.subarray(8, -8), pattern(200_000).subarray(123_456, 128_456)));
      assert([...got.subarray(0, 8), ...got.subarray(-8)].every((byte) => byte === 0), "nothing beside it");
    }
    await file.close();
  }));

test("1,000 reads and 1,000 writes at once, with blocking ones between them, are not mixed up", () =>
  inDirectory((path) =>
    seeded(async (random) => {
      const file = await files.create(path("f"));
      const slots = 1000;
      const slotBytes = 512;
      const read = (slot: number) => pattern(slotBytes, slot);
      for (let slot = 0; slot < slots; slot++) file.writeSync(read(slot), slot * slotBytes);
      const jobs: Promise<void>[] = [];
      for (let i = 0; i < 1000; i++) {
        const slot = random.below(slots);
        const into = new Uint8Array(slotBytes);
        jobs.push(file.read(into, slot * slotBytes).then(() => assert(sameBytes(into, read(slot)), `slot ${slot}`)));
        jobs.push(file.write(read(slots + i), (slots + i) * slotBytes));
        if (i % 3 > 0) continue;
        const other = random.below(slots);
        const now = new Uint8Array(slotBytes);
        file.readSync(now, other * slotBytes);
        assert(sameBytes(now, read(other)), `slot ${other}`);
        file.writeSync(read(other), other * slotBytes);
      }
      await Promise.all(jobs);
      await file.close();
      const whole = await readFile(path("f"));
      assertEquals(whole.length, 2 * slots * slotBytes);
      for (let slot = 0; slot < 2 * slots; slot++) {
        assert(sameBytes(whole.subarray(slot * slotBytes, (slot + 1) * slotBytes), read(slot)), `slot ${slot}`);
      }
    })
  ));

test("create fails with EEXIST and leaves what is there, open and edit fail with ENOENT", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), "before");
    await assertCode(() => files.create(path("f")), "EEXIST");
    await assertCode(() => files.createSync(path("f")), "EEXIST");
    assertEquals(await files.readText(path("f")), "before");
    await assertCode(() => files.create(path("no/f")), "ENOENT");
    await assertCode(() => files.open(path("none")), "ENOENT");
    await assertCode(() => files.edit(path("none")), "ENOENT");
    await assertCode(() => files.map(path("none")), "ENOENT");
    await assertCode(() => files.readText(path("none")), "ENOENT");
    await assertCode(() => files.list(path("none")), "ENOENT");
    await assertCode(() => files.link(path("none"), path("g")), "ENOENT");
    await assertCode(() => files.replace(path("none"), path("g")), "ENOENT");
    await assertCode(() => files.lock(path("none")), "ENOENT");
    await files.remove(path("none"));
    await files.removeDirectory(path("none"));
    assertEquals(await files.list(path(".")), ["f"]);
  }));

test("edit keeps what is there and overwrites in the middle; a file that is open to read is not written", () =>
  inDirectory(async (path) => {
    await writeFile(path("f"), pattern(100, 1));
    const file = await files.edit(path("f"));
    await file.write(pattern(10, 9), 50);
    const into = new Uint8Array(100);
    await file.read(into, 0);
    const expected = pattern(100, 1);
    expected.set(pattern(10, 9), 50);
    assertEquals(into, expected);
    await file.close();
    const reader = await files.open(path("f"));
    await assertCode(() => reader.write(pattern(1), 0), "EBADF");
    await assertCode(() => reader.writeSync(pattern(1), 0), "EBADF");
    await reader.close();
    assert(sameBytes(await readFile(path("f")), expected));
  }));

test("truncate cuts a file and extends it with zeros", () =>
  inDirectory(async (path) => {
    const file = await files.create(path("f"));
    await file.write(pattern(1000), 0);
    await file.truncate(300);
    assertEquals(await file.size(), 300);
    await file.truncate(500);
    await file.sync();
    await file.close();
    assertEquals(new Uint8Array(await readFile(path("f"))), new Uint8Array([...pattern(300), ...new Uint8Array(200)]));
  }));

test("a file created by the blocking call is like any other", () =>
  inDirectory(async (path) => {
    const file = files.createSync(path("f"));
    file.writeSync(pattern(100), 0);
    file.syncSync();
    files.syncDirectorySync(path("."));
    await file.write(pattern(100, 2), 100);
    await file.sync();
    await files.syncDirectory(path("."));
    await file.close();
    assertEquals((await stat(path("f"))).size, 200);
  }));

test("close lets what is under way end; whoever comes later gets EBADF and not the next file", () =>
  inDirectory(async (path) => {
    const file = await files.create(path("f"));
    const jobs: Promise<unknown>[] = [];
    for (let i = 0; i < 200; i++) jobs.push(file.write(pattern(4096, i), i * 4096));
    jobs.push(file.sync());
    const closed = file.close();
    const late: [keyof OpenFile, () => unknown][] = [
      ["read", () => file.read(new Uint8Array(1), 0)],
      ["readSync", () => file.readSync(new Uint8Array(1), 0)],
      ["write", () => file.write(new Uint8Array(1), 0)],
      ["writeSync", () => file.writeSync(new Uint8Array(1), 0)],
      ["sync", () => file.sync()],
      ["syncSync", () => file.syncSync()],
      ["truncate", () => file.truncate(0)],
      ["size", () => file.size()],
    ];
    for (const [, call] of late) await assertCode(call, "EBADF");
    await Promise.all(jobs);
    await closed;
    const next = await files.create(path("next")); // gets the same descriptor, most likely
    for (const [, call] of late) await assertCode(call, "EBADF");
    await file.close(); // once more does nothing
    await next.write(pattern(10), 0);
    await next.close();
    const whole = await readFile(path("f"));
    for (let i = 0; i < 200; i++) assert(sameBytes(whole.subarray(i * 4096, i * 4096 + 4096), pattern(4096, i)));
    assertEquals((await readFile(path("next"))).length, 10);
  }));

test("replace puts one file in the place of another, link gives it a second name that shares its bytes", () =>
  inDirectory(async (path) => {
    await writeFile(path("a"), "new");
    await writeFile(path("b"), "old");
    await files.replace(path("a"), path("b"));
    assertEquals(await files.list(path(".")), ["b"]);
    assertEquals(await files.readText(path("b")), "new");

    await files.link(path("b"), path("c"));
    await assertCode(() => files.link(path("b"), path("c")), "EEXIST");
    const file = await files.edit(path("c"));
    await file.write(new TextEncoder().encode("N"), 0);
    await file.close();
    assertEquals(await files.readText(path("b")), "New");
    await files.remove(path("b"));
    assertEquals(await files.readText(path("c")), "New");
  }));

test("directories are made with their parents, listed, and removed with all that is in them", () =>
  inDirectory(async (path) => {
    await files.makeDirectory(path("a/b/c"));
    await files.makeDirectory(path("a/b/c"));
    await files.makeDirectory(path("a/b/d/"));
    await writeFile(path("a/b/c/f"), "");
    assertEquals((await files.list(path("a/b"))).sort(), ["c", "d"]);
    await assertCode(() => files.makeDirectory(path("a/b/c/f")), "EEXIST");
    await assertCode(() => files.makeDirectory(path("a/b/c/f/g")), "ENOTDIR");
    await files.removeDirectory(path("a"));
    assertEquals(await files.list(path(".")), []);
    await assertCode(() => files.syncDirectory(path("a")), "ENOENT");
    assertThrows(() => files.syncDirectorySync(path("a")), Error, "ENOENT");
  }));

test("a relative directory and its parents are made where the process is", () =>
  inDirectory(async (path) => {
    const name = `node_modules/.ferrite-${crypto.randomUUID()}`;
    await files.makeDirectory(`${name}/a`);
    assertEquals(await files.list(name), ["a"]);
    await files.removeDirectory(name);
    assertEquals(await files.list(path(".")), []);
  }));
