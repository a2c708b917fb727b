import { assert, assertEquals } from "@std/assert";
import { FORMAT, readManifest, writeManifest } from "../src/hybridlog/manifest.ts";
import { HybridLogStore } from "@ferrite/storage";
import { bytes } from "./support/bytes.ts";
import { changed, fileError } from "./support/changed_files.ts";
import { assertFails } from "./support/errors.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

const SIZES = { mutableSize: "2MB", readonlySize: "10MB", segmentSize: "1MB", durability: "manual" } as const;

async function fill(files: FaultyFiles): Promise<void> {
  await using store = await HybridLogStore.open({ dataDir: "data", ...SIZES }, { files });
  for (let i = 0; i < 300; i++) await store.set(`string:${i}`, `value ${i}`);
  await store.set("large", "l".repeat(100_000));
  await store.set("lasting", "x", { ttl: 10_000_000 });
  for (let i = 0; i < 1000; i += 100) {
    const numbers = Array.from({ length: 100 }, (_, j) => i + j);
    await store.rpush("list", numbers.map((n) => `element ${n}`));
    await store.hmset("hash", numbers.map((n) => [`field ${n}`, `value ${n}`] as const));
    await store.sadd("set", numbers.map((n) => `member ${n}`));
    await store.zadd("zset", numbers.map((n) => [n, `member ${n}`] as const));
  }
  await store.del("string:7");
}

test("repair of an intact log copies everything", async () => {
  const files = new FaultyFiles({ seed: 1 });
  await fill(files);
  const report = await HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files });
  assertEquals([report.damage, report.damagedKeys, report.keys], [[], [], 305]);
  await using store = await HybridLogStore.open({ dataDir: "new", ...SIZES }, { files });
  assertEquals(await store.get("string:9"), bytes("value 9"));
  assertEquals(await store.exists("string:7"), false);
  assertEquals((await store.get("large"))?.length, 100_000);
  assert((await store.ttl("lasting"))! > 9_000_000);
  assertEquals([await store.llen("list"), await store.hlen("hash")], [1000, 1000]);
  assertEquals([await store.scard("set"), await store.zcard("zset")], [1000, 1000]);
  assertEquals(await store.zrank("zset", "member 500"), 500);
});

test("repair keeps what is intact when bits are flipped, and says what is lost", async () => {
  await seeded(async (random: Random) => {
    const files = new FaultyFiles({ seed: 1 });
    await fill(files);
    const path = files.paths().find((name) => name.endsWith(".log"))!;
    const length = files.contents(path).length;
    for (let i = 0; i < 3; i++) files.flip(path, random.below(length), 1 << random.below(8));
    const report = await HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files });
    await using store = await HybridLogStore.open({ dataDir: "new", ...SIZES }, { files });
    // A record that is damaged names no key; so many keys may be lost, or be as they were before.
    let lost = 0;
    for (let i = 0; i < 300; i++) {
      const value = await store.get(`string:${i}`);
      if (i === 7) continue;
      if (value === null) lost++;
      else assertEquals(value, bytes(`value ${i}`));
    }
    assert(lost <= report.damage.length, `${lost} strings are lost, ${report.damage.length} places are damaged`);
    const found = await store.lrange("list", 0, -1);
    for (const element of found) assert(/^element \d+$/.test(new TextDecoder().decode(element)));
    assert(report.damage.length <= 6, report.damage.join());
  });
});

test("repair takes what a disk cannot read for damage, and writes nothing to it", async () => {
  const files = new FaultyFiles({ seed: 1 });
  await fill(files);
  const path = files.paths().find((name) => name.endsWith(".log"))!;
  const damaged = files.contents(path);
  // A third of the file is on sectors that are gone.
  const [from, until] = [damaged.length / 3, damaged.length * 2 / 3];
  const source = changed(files, {
    lock: (directory) => directory === "data" ? Promise.reject(fileError("EROFS")) : files.lock(directory),
    async open(opened) {
      const file = await files.open(opened);
      return {
        ...file,
        readSync(into, at) {
          if (opened === path && at < until && at + into.length > from) throw fileError("EIO");
          return file.readSync(into, at);
        },
      };
    },
  });
  const before = files.paths();
  const report = await HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files: source });
  assert(report.damage.length > 0 && report.keys > 50, `${report.keys} keys`);
  assertEquals(files.paths().filter((name) => !name.startsWith("new/")), before);
  await using store = await HybridLogStore.open({ dataDir: "new", ...SIZES }, { files });
  for (let i = 0; i < 300; i++) {
    const value = await store.get(`string:${i}`);
    if (value !== null) assertEquals(value, bytes(`value ${i}`));
  }
});

test("repair goes by the copy of a manifest that is lost", async () => {
  const files = new FaultyFiles({ seed: 1 });
  await fill(files);
  await files.remove("data/MANIFEST");
  await assertFails(() => HybridLogStore.open({ dataDir: "data", ...SIZES }, { files }), "CORRUPT", "no MANIFEST");
  const report = await HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files });
  assertEquals(report.keys, 305);
});

test("a log of a later format is refused as such, and left as it is, by repair, too", async () => {
  const files = new FaultyFiles({ seed: 1 });
  await fill(files);
  const manifest = await readManifest(files, "data");
  await writeManifest(files, "data", { ...manifest!, format: FORMAT + 1 });
  const words = `format ${FORMAT + 1}, and this package reads ${FORMAT}`;
  await assertFails(() => HybridLogStore.open({ dataDir: "data", ...SIZES }, { files }), "UNSUPPORTED", words);
  const repair = () => HybridLogStore.repair("data", { dataDir: "new", ...SIZES }, { files });
  await assertFails(repair, "UNSUPPORTED", words);
  await writeManifest(files, "data", manifest!);
  await using store = await HybridLogStore.open({ dataDir: "data", ...SIZES }, { files });
  assertEquals(store.sync.size(), 305);
});

test("repair does not write into a store that has keys", async () => {
  const files = new FaultyFiles({ seed: 1 });
  await fill(files);
  await assertFails(
    () => HybridLogStore.repair("other", { dataDir: "data", ...SIZES }, { files }),
    "CONFIG",
    "keys in it",
  );
});
