import { assert, assertEquals } from "@std/assert";
import { textOf } from "./support/bytes.ts";
import { FaultyFiles } from "./support/faulty_files.ts";
import { test } from "./support/harness.ts";
import { KIND_TREE, type LogRecord, readLog } from "./support/hybridlog/log_reader.ts";
import { openSmall, QUIET } from "./support/hybridlog/small_store.ts";
import { seeded } from "./support/random.ts";

// How much is written for a change of a collection.

const MEMBERS = 20_000;
const COMMITS = 40;
const CHANGES = 25;

const LONGEST_NODE = 2_024;
const NODE_HEADER = 8;
const REFERENCE_BYTES = 16;
/** A node has room for a slot or two beside what it holds, and its length is a multiple of 8. */
const MOST_FREE = 56;

const nameOf = (i: number) => `member:${String(i).padStart(6, "0")}`;

/** How many bytes of a node hold nothing. */
function freeBytes(files: FaultyFiles, record: LogRecord): number {
  const node = new DataView(files.contents(record.path).slice(record.valueOffset).buffer);
  const stride = (node.getUint8(1) & 15) + 2 + (node.getUint8(0) > 0 ? REFERENCE_BYTES : 0);
  return node.getUint16(4, true) - NODE_HEADER - node.getUint16(2, true) * stride;
}

test("a commit writes the nodes that have changed, and of those what they hold", () =>
  seeded(async (random) => {
    const files = new FaultyFiles();
    const { store, log } = await openSmall(files, QUIET);
    for (let i = 0; i < MEMBERS; i++) store.sync.zadd("z", [[random.below(2 ** 30), nameOf(i * 7_919 % MEMBERS)]]);
    await store.commit();
    const before = log.space.core.calls.tailAddress();
    for (let commit = 0; commit < COMMITS; commit++) {
      for (let i = 0; i < CHANGES; i++) {
        store.sync.zadd("z", [[random.below(2 ** 30), nameOf(random.below(MEMBERS))]]);
      }
      await store.commit();
    }
    await store.close();
    const nodes = readLog(files, "data").filter((record) => record.address >= before && record.kind === KIND_TREE);
    const written = nodes.reduce((sum, { size }) => sum + size, 0);
    // A leaf by member, two by score, and a share of the nodes above: full nodes of 2 KB would be some 8 KB.
    const each = written / (COMMITS * CHANGES);
    assert(each < 3_800, `a changed score has written ${each.toFixed()} bytes of nodes`);
    let free = 0;
    for (const node of nodes) {
      assert(node.valueLength <= LONGEST_NODE, `a node of ${node.valueLength} bytes`);
      if (!node.isVoid && freeBytes(files, node) <= MOST_FREE) free++;
    }
    assert(free > nodes.length * 0.9, `only ${free} of ${nodes.length} nodes are as short as they can be`);
  }));

test("a field that is set again rewrites its leaf and the root, and no node between", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  for (let i = 0; i < MEMBERS; i++) store.sync.hset("h", nameOf(i), "0123456789");
  await store.commit();
  const before = log.space.core.calls.tailAddress();
  for (let i = 0; i < 100; i++) {
    store.sync.hset("h", nameOf(i * 199), "9876543210");
    await store.commit();
  }
  await store.close();
  const nodes = readLog(files, "data").filter((record) => record.address >= before && record.kind === KIND_TREE);
  assertEquals(nodes.length, 100);
});

/** Elements of any length up to the longest that lie in nodes, and some that are longer. */
function elementOf(i: number): string {
  const mixed = Math.imul(i + 1, 2_654_435_761) >>> 8;
  return `${i}:`.padEnd(5 + mixed % (mixed % 7 === 0 ? 700 : 470), String.fromCharCode(97 + mixed % 26));
}

test("trees on files hold elements of all lengths, whatever becomes of their nodes", () =>
  seeded(async (random) => {
    const files = new FaultyFiles();
    let { store, log } = await openSmall(files, QUIET);
    const scores = new Map<string, number>();
    const fields = new Map<string, string>();
    for (let round = 0; round < 3_000; round++) {
      const name = elementOf(random.below(400));
      if (random.below(4) > 0) {
        const value = elementOf(random.below(1_000));
        scores.set(name, round);
        fields.set(name, value);
        store.sync.zadd("z", [[round, name]]);
        store.sync.hset("h", name, value);
      } else {
        assertEquals(store.sync.zrem("z", [name]), scores.delete(name) ? 1 : 0);
        assertEquals(store.sync.hdel("h", [name]), fields.delete(name) ? 1 : 0);
      }
      if (random.below(3) === 0) await store.commit();
      if (random.below(20) === 0) log.space.dropAll();
      if (random.below(600) === 0) {
        await store.close();
        ({ store, log } = await openSmall(files, QUIET));
      }
    }
    const byScore = [...scores].sort((a, b) => a[1] - b[1]).map(([name]) => name);
    assertEquals(store.sync.zrange("z", 0, -1).map(textOf), byScore);
    for (const [i, name] of byScore.entries()) assertEquals(store.sync.zrank("z", name), i);
    assertEquals(store.sync.hlen("h"), fields.size);
    for (const [name, value] of fields) assertEquals(textOf(store.sync.hget("h", name)), value);
    await store.close();
  }));

test("a call of many elements is not begun anew for each node that it misses", async () => {
  const files = new FaultyFiles();
  const { store, log } = await openSmall(files, QUIET);
  const members = 40_000;
  const batch = 1_000;
  for (let from = 0; from < members; from += batch) {
    const numbers = Array.from({ length: batch }, (_, i) => (from + i) * 7_919 % members);
    store.sync.zadd("z", numbers.map((i) => [i, nameOf(i)] as const));
  }
  assertEquals(store.sync.zcard("z"), members);
  const each = log.logBytes / members;
  assert(each < 2_000, `a new member has written ${each.toFixed()} bytes`);
  await store.close();
});
