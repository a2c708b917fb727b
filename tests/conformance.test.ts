// The suite for backends must fail on stores that do not do what they should, and say what they did.
import { assert, assertEquals } from "@std/assert";
import {
  type Capabilities,
  CloudStore,
  memoryObjects,
  MemoryStore,
  type StorageEngine,
  StorageError,
  type Transaction,
} from "@ferrite/storage";
import { conformance, type ConformanceOptions } from "@ferrite/storage/conformance";
import { CALLS, COMBINING } from "../src/conformance/calls.ts";
import { brokenStore, FAULTS, overlaid, WITHOUT_SYNC } from "./support/broken_stores.ts";
import { CLOUD, MEMORY } from "./support/capabilities.ts";
import { test } from "./support/harness.ts";

type Options = Pick<ConformanceOptions, "open" | "capabilities"> & Partial<ConformanceOptions>;

/** What the tests say that fail, by their names. With `only`, one of them is run. */
async function failuresOf(options: Options, only?: string): Promise<Map<string, string>> {
  const tests = new Map<string, () => void | Promise<void>>();
  const add = (name: string, run: () => void | Promise<void>) => {
    assert(!tests.has(name), `two tests are named "${name}"`);
    tests.set(name, run);
  };
  conformance({ test: add, name: "store", effort: 0.01, ...options });
  const failures = new Map<string, string>();
  for (const name of only === undefined ? tests.keys() : [only]) {
    try {
      await tests.get(name)!();
    } catch (error) {
      failures.set(name, (error as Error).message);
    }
  }
  return failures;
}

async function assertPasses(options: Options): Promise<void> {
  assertEquals([...await failuresOf(options)], []);
}

/** This test must fail, and say this. */
async function assertFailure(options: Options, name: string, expected: RegExp): Promise<void> {
  const message = (await failuresOf(options, name)).get(name);
  assert(message !== undefined && expected.test(message), `"${name}" says ${message}, not ${expected}`);
}

const openMemory = () => new MemoryStore({ maxSize: "64MB" });

test("a store that does what it should passes", async () => {
  await assertPasses({ open: openMemory, capabilities: MEMORY, checksMessages: true });
});

for (const fault of FAULTS) {
  test(`a store that ${fault.what} fails`, () => {
    const options = { open: () => brokenStore(fault), capabilities: WITHOUT_SYNC };
    return assertFailure(options, `store: ${fault.test}`, fault.failure);
  });
}

test("a store whose sync face alone is wrong fails", async () => {
  const open = () => {
    const store = openMemory();
    return overlaid(store, { sync: overlaid(store.sync, { strlen: () => 0 }) });
  };
  const failures = await failuresOf({ open, capabilities: MEMORY });
  assert(failures.has("store.sync: strlen gives the length in bytes"));
  for (const name of failures.keys()) assert(name.startsWith("store.sync: "), name);
});

test("what an error says is looked at only when that was asked for", async () => {
  const open = () => {
    const store = openMemory();
    const incrBy = async (key: string, delta?: number) => {
      try {
        return await store.incrBy(key, delta);
      } catch (error) {
        throw new StorageError((error as StorageError).code, "no");
      }
    };
    return overlaid(store, { incrBy, sync: undefined, supports: WITHOUT_SYNC });
  };
  await assertPasses({ open, capabilities: WITHOUT_SYNC });
  const name = "store: incrBy counts with numbers and with bigints, in 64 bits";
  const options = { open, capabilities: WITHOUT_SYNC, checksMessages: true };
  await assertFailure(options, name, /failed with "no", which does not say "64 bits"/);
});

/** The methods that capabilities stand for. */
const METHODS: Partial<Record<keyof Capabilities, readonly string[]>> = {
  lists: Object.keys(CALLS.list),
  hashes: Object.keys(CALLS.hash),
  sets: Object.keys(CALLS.set),
  sortedSets: [...Object.keys(CALLS.zset), ...Object.keys(COMBINING)],
  transactions: ["transact"],
  persistence: ["checkpoint", "restore", "compact"],
};

/** A store that has nothing but what these capabilities name, not even in transactions. */
function reducedTo(capabilities: Capabilities): StorageEngine {
  const members: Record<string, unknown> = { sync: undefined, supports: Object.freeze({ ...capabilities }) };
  for (const [capability, methods] of Object.entries(METHODS)) {
    if (!capabilities[capability as keyof Capabilities]) { for (const method of methods) members[method] = undefined; }
  }
  if (!capabilities.transactions) return overlaid(new CloudStore({ storage: memoryObjects() }), members);
  const store = openMemory();
  return overlaid(store, {
    transact: (change: (tx: Transaction) => unknown, ...options: []) =>
      store.transact(typeof change === "function" ? (tx) => change(overlaid(tx, members)) : change, ...options),
    ...members,
  });
}

const NO_TYPES = { lists: false, hashes: false, sets: false, sortedSets: false };
const ONE_TYPE = Object.keys(NO_TYPES).map((type) => ({ ...NO_TYPES, [type]: true }));
const REDUCED: Capabilities[] = [
  ...[NO_TYPES, ...ONE_TYPE].map((types) => ({ ...CLOUD, ...types })),
  ...[NO_TYPES, ...ONE_TYPE].map((types) => ({ ...WITHOUT_SYNC, persistence: false, ...types })),
  { ...WITHOUT_SYNC, ...NO_TYPES },
];
for (const capabilities of REDUCED) {
  const named = Object.entries(capabilities).filter(([, has]) => has).map(([name]) => name);
  test(`a store with ${named.join(" and ") || "nothing but strings"} is asked for nothing else`, async () => {
    await assertPasses({ open: () => reducedTo(capabilities), capabilities });
  });
}
