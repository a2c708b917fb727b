import fc from "fast-check";
import type { KeyMethod } from "./face.ts";
import type { Arguments } from "./operations.ts";

const TTL_MS = 10_000_000;

/** What happens to keys of any type. A pair is a key and one that may get what it holds. */
export function keyOperations(
  key: fc.Arbitrary<string>,
  pair: fc.Arbitrary<[string, string]>,
): Arguments<KeyMethod> {
  const flag = fc.constantFrom(undefined, true);
  const distinct = pair.filter(([source, destination]) => source !== destination);
  return {
    del: fc.tuple(key),
    exists: fc.tuple(key),
    type: fc.tuple(key),
    ttl: fc.tuple(key),
    persist: fc.tuple(key),
    expire: fc.tuple(key, fc.constant(TTL_MS)),
    copy: fc.tuple(distinct, flag).map(([[source, destination], replace]) => [source, destination, { replace }]),
    rename: fc.tuple(pair, flag).map(([[source, destination], ifAbsent]) => [source, destination, { ifAbsent }]),
  };
}
