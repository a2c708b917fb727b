import { assert, assertEquals } from "@std/assert";
import { Names, spell, unspell } from "../src/cloud/names.ts";
import { bytes } from "./support/bytes.ts";
import { assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { type Random, seeded } from "./support/random.ts";

const NAMES = new Names("app/");
/** Bytes that are spelled in different ways, and those at the ends of what is plain. */
const ODD = bytes("azAZ09-_:~./. /..@`{[!%é\0\x7f");

function drawKey(random: Random): Uint8Array {
  const length = random.below(random.pick([4, 60, 500]));
  return Uint8Array.from({ length }, () => random.below(4) > 0 ? random.pick([...ODD]) : random.below(256));
}

/** What every server takes: MinIO allows 255 characters for a part, and none that are `.`, `..` or empty. */
function assertGood(name: string): void {
  assert(/^[\w.:~/-]{1,1024}$/.test(name), `no good name: ${name}`);
  for (const part of name.split("/")) assert(part.length <= 255 && !/^\.*$|\.$/.test(part), `no good part: ${part}`);
}

test("a key is spelled so that it can be read back, whatever it is", () =>
  seeded(async (random) => {
    for (let i = 0; i < 3000; i++) {
      const key = drawKey(random);
      assertEquals(unspell(spell(key)), key);
      const name = await NAMES.of(key);
      assertGood(name);
      const back = NAMES.keyOf(name);
      if (back !== null) assertEquals(back, key);
      else assert(spell(key).length > 900, "a short key is spelled");
    }
  }));

test("different keys have different names", () =>
  seeded(async (random) => {
    const keys = new Map<string, string>();
    for (let i = 0; i < 3000; i++) {
      const key = Uint8Array.from({ length: random.below(6) }, () => random.pick([...ODD]));
      const name = await NAMES.of(key);
      assertEquals(keys.get(name) ?? key.join(), key.join(), name);
      keys.set(name, key.join());
    }
  }));

test("the names of all keys with a prefix begin with one of its prefixes", () =>
  seeded(async (random) => {
    for (let i = 0; i < 3000; i++) {
      const key = drawKey(random);
      const prefixes = NAMES.listPrefixes(key.subarray(0, random.below(key.length + 1)));
      const name = await NAMES.of(key);
      assert(prefixes.some((prefix) => name.startsWith(prefix)), `${name} begins with none of ${prefixes}`);
    }
  }));

test("readable keys stay readable", async () => {
  const names: [string, string][] = [
    ["user:1042", "app/k/user:1042"],
    ["Some_key-2.json", "app/k/Some_key-2.json"],
    ["a/b", "app/k/a~2fb"],
    ["a b", "app/k/a~20b"],
    ["é", "app/k/~c3~a9"],
    ["", "app/k/~"],
    ["~", "app/k/~7e"],
    [".", "app/k/~2e"],
    ["..", "app/k/~2e~2e"],
    [".a", "app/k/~2ea"],
    ["a.", "app/k/a~2e"],
    ["a..b", "app/k/a~2e~2eb"],
    ["a//b", "app/k/a~2f~2fb"],
    ["/", "app/k/~2f"],
    ["\0", "app/k/~00"],
    ["x".repeat(200), `app/k/${"x".repeat(200)}`],
    ["x".repeat(201), `app/k/${"x".repeat(200)}~/x`],
  ];
  for (const [key, name] of names) {
    assertEquals(await NAMES.of(bytes(key)), name);
    assertEquals(NAMES.keyOf(name), bytes(key));
    assertGood(name);
  }
});

test("no name is a folder of another: MinIO would not list one of the two", async () => {
  const keys = ["a", "a/b", "a/", "x".repeat(200), "x".repeat(201), "x".repeat(400), "x".repeat(401)];
  const names = await Promise.all(keys.map((key) => NAMES.of(bytes(key))));
  for (const name of names) for (const other of names) assert(!other.startsWith(`${name}/`), `${name} and ${other}`);
});

test("a key whose name would be too long has that of its hash", async () => {
  const longest = bytes("k".repeat(65_535));
  const name = await NAMES.of(longest);
  assertGood(name);
  assertEquals([name.length, name.slice(0, 6), NAMES.keyOf(name)], [6 + 64, "app/h/", null]);
  assert(await NAMES.of(longest.subarray(1)) !== name);
  for (const length of [300, 331, 332, 333, 1000, 1007, 1008, 1009, 1018, 1019]) {
    for (const fill of ["k", "~", "é"]) {
      const key = bytes(fill.repeat(length)).subarray(0, length);
      const name = await NAMES.of(key);
      assertGood(name);
      if (NAMES.keyOf(name) !== null) assertEquals(NAMES.keyOf(name), key);
    }
  }
  assertEquals(await new Names("p".repeat(511) + "/").of(longest), `${"p".repeat(511)}/${name.slice(4)}`);
});

test("a prefix is parts that every server takes", () => {
  for (const prefix of ["", "a/", "a/b.c/~d:e-f_1/"]) assertEquals(new Names(prefix).prefix, prefix);
  for (const prefix of ["a", "/", "/a/", "a//b/", "./", "../", "a/../", "é/", "a b/", "a%/", `${"a".repeat(512)}/`]) {
    assertFailsSync(() => new Names(prefix), "CONFIG", "prefix");
  }
});
