import { assertEquals } from "@std/assert";
import type { CoreExports } from "../src/core/exports.ts";
import { defaultModule } from "../src/core/module.ts";
import { test } from "./support/harness.ts";

/** A bare instance with a hash key of zeros, and a way to put bytes into it. */
function open(): { calls: CoreExports; put(bytes: Uint8Array): number } {
  const calls = new WebAssembly.Instance(defaultModule()).exports as unknown as CoreExports;
  calls.memory.grow(80);
  const at = calls.scratch.value;
  calls.open(17, 64, 16, 0, false, 0);
  return {
    calls,
    put(bytes) {
      new Uint8Array(calls.memory.buffer).fill(0xee, at, at + 2000); // what follows the bytes must not count
      new Uint8Array(calls.memory.buffer).set(bytes, at);
      return at;
    },
  };
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

test("the key hash is SipHash-1-3", () => {
  const { calls, put } = open();
  // From another implementation: Rust's std::hash::DefaultHasher, which has a key of zeros, over bytes 0, 1, 2, …
  const expected: [number, string][] = [
    [0, "d1fba762150c532c"],
    [1, "68a914128e01e473"],
    [7, "2f098ab0c751325a"],
    [8, "ead411e67ebe2eea"],
    [9, "75927f9d95124362"],
    [14, "7f86049379fbfe67"],
    [15, "f30eb725bb91c9ea"],
    [16, "8972188433a5c5b7"],
    [63, "385d3e39e5f37359"],
    [100, "1c6a66e1506e7908"],
  ];
  for (const [length, hash] of expected) {
    const actual = BigInt.asUintN(64, calls.hashBytes(put(counting(length)), length));
    assertEquals(actual.toString(16).padStart(16, "0"), hash, `${length} bytes`);
  }
});

test("the checksum is the low half of XXH64", () => {
  const { calls, put } = open();
  // From xxhsum 0.8 (-H64) over bytes 0, 1, 2, … modulo 256.
  const expected: [number, number][] = [
    [0, 0x51d8e999],
    [1, 0xdb052768],
    [3, 0x33bc65dd],
    [4, 0x4453cc1e],
    [8, 0x14b81b8d],
    [31, 0x9b4d8ee1],
    [32, 0x16ff32b4],
    [33, 0xcafb8ead],
    [100, 0x32166597],
    [1000, 0x0eba4078],
  ];
  for (const [length, sum] of expected) {
    assertEquals(calls.checksum(put(counting(length)), length) >>> 0, sum, `${length} bytes`);
  }
});

test("the core imports nothing", () => {
  assertEquals(WebAssembly.Module.imports(defaultModule()), []);
});
