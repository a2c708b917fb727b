import { assert, assertEquals } from "@std/assert";
import type { Key } from "@ferrite/storage";
import { keysOf as keysOfCloud } from "../src/cloud/keys_of.ts";
import { isWrite, methodNames } from "../src/types/methods.ts";
import { keysOf } from "../src/middleware/keys_of.ts";
import { SHAPES } from "../src/middleware/shapes.ts";
import { OPERATIONS } from "../src/types/operations.ts";
import { CALLS, COMBINING } from "../src/conformance/calls.ts";
import type { Face } from "../src/conformance/face.ts";
import { test } from "./support/harness.ts";

test("the table of operations says what the backends say: what writes, and to which keys", () => {
  for (const name of methodNames()) {
    assertEquals(SHAPES.get(name)?.kind, isWrite(name) ? "write" : "read", name);
  }
  const calls: [name: string, args: unknown[]][] = [];
  const recorder = new Proxy({}, {
    get: (_, name) => (...args: unknown[]) => void calls.push([String(name), args]),
  }) as Face;
  for (const called of [...Object.values(CALLS), COMBINING]) {
    for (const call of Object.values(called)) call(recorder, "key");
  }
  const compared = calls.filter(([name]) => Object.hasOwn(OPERATIONS, name));
  for (const [name, args] of compared) assertEquals(keysOf(name, args), keysOfCloud(name, args), name);
  assertEquals(new Set(compared.map(([name]) => name)).size, Object.keys(OPERATIONS).length);
});

test("keys are found in entries that can be gone through again, and nothing else is taken for one", () => {
  const keysIn = (name: string, ...args: unknown[]): Key[] => keysOf(name, args);
  assertEquals(keysIn("mset", [["a", "1"], ["b", "2"]]), ["a", "b"]);
  assertEquals(keysIn("mset", new Map([["a", "1"]])), ["a"]);
  const once = new Map([["a", "1"]]).entries();
  assertEquals([keysIn("mset", once), [...once].length], [[], 1]);
  assertEquals(keysIn("mget", ["a", 5, new Uint8Array(1)]), ["a", new Uint8Array(1)]);
  assertEquals([keysIn("rename", "a", "b"), keysIn("rename", "a"), keysIn("clear")], [["a", "b"], ["a"], []]);
  assertEquals([keysIn("mset", [null, "ab", ["a"]]), keysIn("nothing", "a")], [["a", "a"], []]);
  assert(!SHAPES.has("constructor"));
});
