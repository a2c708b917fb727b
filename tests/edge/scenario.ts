// What a cloud store must do wherever there is `fetch`: a scenario of which each runtime goes through all steps.

// First, as what it sees is what happens until it has been imported.
import {
  type CloudOptions,
  CloudStore,
  type ObjectStorage,
  s3,
  type S3Options,
  seenAtImport,
  StorageError,
} from "./watched_cloud.ts";
import { assert, assertEquals } from "@std/assert";
import { pattern, sameBytes, sleep, textOf } from "../support/bytes.ts";
import { ACCOUNT, BUCKET } from "./account.ts";
import { seenDuring, watched } from "./watch.ts";

/** The bucket, and what a runtime that forbids compiling has to be given. */
export interface Place {
  readonly endpoint: string;
  readonly module?: WebAssembly.Module;
}

/** Of each step why it failed; `null` where it did not. */
export type Report = Record<string, string | null>;

type Open = (options?: Partial<CloudOptions>) => CloudStore;
type Step = (open: Open, bucket: (options?: Partial<S3Options>) => ObjectStorage) => Promise<void>;

export const STEPS: Record<string, Step> = {
  async "the import does no work"() {
    assertEquals(seenAtImport, []);
    // What would have been seen.
    const platforms = ["Deno", "Bun", "process"].filter((name) => watched.includes(name));
    const seen = seenDuring(() => {
      void fetch("data:,").catch(() => {});
      new WebAssembly.Memory({ initial: 1 });
      crypto.randomUUID();
      clearTimeout(setTimeout(() => {}, 0));
      if (Math.random() > Date.now()) atob("");
      platforms.forEach((name) => Reflect.get(globalThis, name));
    });
    const expected = ["fetch", "WebAssembly", "crypto", "setTimeout", "random", "Date", ...platforms];
    assertEquals(expected.filter((name) => !seen.includes(name)), []);
  },

  async "strings and counters"(open) {
    await using store = open();
    await store.set("greeting", "hello ✓");
    await store.set("bytes", new Uint8Array([0, 255, 128]));
    assertEquals(textOf(await store.get("greeting")), "hello ✓");
    assertEquals([await store.incrBy("visits", 41), await store.incrBy("visits")], [41, 42]);
    assertEquals(await store.incrBy("visits", 2n ** 62n), 2n ** 62n + 42n);
    assertEquals([await store.del("greeting"), await store.del("greeting")], [true, false]);
    await using other = open();
    assertEquals(await other.mget(["bytes", "greeting"]), [new Uint8Array([0, 255, 128]), null]);
  },

  async "hashes, lists and sets"(open) {
    await using store = open();
    await store.hset("user", "name", "Ada");
    await Promise.all([
      store.rpush("list", ["a", "b"]),
      store.sadd("set", ["x", "y", "x"]),
      store.lpush("list", ["0"]),
    ]);
    await using other = open();
    assertEquals(textOf(await other.hget("user", "name")), "Ada");
    assertEquals((await other.lrange("list", 0, -1)).map(textOf), ["0", "a", "b"]);
    assertEquals([await other.scard("set"), await other.sisMember("set", "y")], [2, true]);
  },

  async "a sorted set of several objects"(open) {
    await using store = open();
    const members = Array.from({ length: 8000 }, (_, i): [number, string] => [i * 7 % 8000, `member:${i}`]);
    assertEquals(await store.zadd("scores", members), 8000);
    await store.zincrBy("scores", 10_000, "member:1");
    await using other = open();
    assertEquals([await other.zcard("scores"), await other.zrank("scores", "member:1")], [8000, 7999]);
    const best = await other.zrangeWithScores("scores", 0, 1, { reverse: true });
    assertEquals(best.map(([name, score]) => [textOf(name), score]), [["member:1", 10_007], ["member:6857", 7999]]);
    assert(other.stats().reads > 1, "it is one object");
  },

  async "a value in parts"(open) {
    await using store = open();
    const value = pattern(2_500_000);
    await store.set("large", value);
    await store.setRange("large", 1_000_000, "changed");
    value.set(new TextEncoder().encode("changed"), 1_000_000);
    await using other = open();
    assert(sameBytes(await other.get("large"), value), "other bytes came back");
    assertEquals(textOf(await other.getRange("large", 1_000_001, 1_000_003)), "han");
  },

  async "keys that expire"(open) {
    await using store = open();
    await store.set("session", "Ada", { ttl: 3_600_000 });
    await store.set("short", "Bob", { ttl: 50 });
    await store.set("other", "Cy", { ttl: 3_600_000 });
    const ttl = await store.ttl("session");
    assert(ttl !== null && ttl > 0 && ttl <= 3_600_000, `${ttl} ms are left`);
    assertEquals([await store.persist("other"), await store.ttl("other")], [true, Infinity]);
    await store.expire("session", 50);
    await sleep(100);
    assertEquals(await store.mget(["session", "short"]), [null, null]);
    assertEquals([await store.exists("other"), await store.size()], [true, 1]);
  },

  async "scans"(open) {
    await using store = open();
    const names = Array.from({ length: 30 }, (_, i) => `user:${String(i).padStart(2, "0")}`);
    await Promise.all([...names, "zone"].map((name) => store.set(name, "1")));
    const seen: string[] = [];
    for (let cursor: string | null = null;;) {
      const step = await store.scan({ cursor, match: "user:*", count: 7 });
      seen.push(...step.keys.map((key) => textOf(key)!));
      cursor = step.cursor;
      if (cursor === null) break;
    }
    assertEquals(seen.sort(), names);
    assertEquals(await store.size(), 31);
  },

  async "two stores that write to one key"(open) {
    await using a = open();
    await using b = open();
    await a.incrBy("count");
    await b.get("count");
    await a.incrBy("count");
    const increments = [a, b].flatMap((store) =>
      Array.from({ length: 20 }, async (_, i) => {
        await sleep(i % 5);
        return await store.incrBy("count");
      })
    );
    const sums = await Promise.all(increments);
    assertEquals(sums.sort((x, y) => x - y), Array.from({ length: 40 }, (_, i) => i + 3));
    assert(a.stats().conflicts + b.stats().conflicts > 0, "nobody met the other");
  },

  async "the cache"(open) {
    await using store = open({ cache: { size: "8MB", maxStalenessMs: 3_600_000 } });
    await store.set("key", "value");
    const { reads } = store.stats();
    for (let i = 0; i < 100; i++) assertEquals(textOf(await store.get("key")), "value");
    assertEquals(store.stats().reads, reads);
    await using other = open();
    await other.set("key", "newer");
    assertEquals(textOf(await store.get("key")), "value");
    await using cautious = open();
    await cautious.get("key");
    await cautious.get("key");
    assertEquals([cautious.stats().reads, cautious.stats().revalidations], [2, 1]);
  },

  async "errors"(open, bucket) {
    await using store = open();
    await store.set("name", "Ada");
    await assertFails(store.incrBy("name"), "NOT_INTEGER");
    await assertFails(store.rpush("name", ["x"]), "WRONG_TYPE");
    await assertFails(store.mset([["a", "1"], ["b", "2"]]), "UNSUPPORTED");
    const credentials = { ...ACCOUNT, secretAccessKey: "another" };
    await using stranger = open({ storage: bucket({ credentials }) });
    await assertFails(stranger.get("name"), "UNAVAILABLE", "the server forbids it");
    await using lost = open({ storage: bucket({ bucket: "none" }) });
    await assertFails(lost.get("name"), "CONFIG", "there is no such bucket");
    await using alone = open({ storage: bucket({ endpoint: "http://127.0.0.1:9" }), attempts: 2 });
    await assertFails(alone.get("name"), "UNAVAILABLE", "the connection failed");
    assertEquals(alone.stats().retries, 1);
    assertEquals(textOf(await store.get("name")), "Ada");
  },
};

/** Goes through all steps at the same time, each below a prefix of its own. */
export async function run({ endpoint, module }: Place): Promise<Report> {
  const bucket = (options: Partial<S3Options> = {}) =>
    s3({
      bucket: BUCKET,
      endpoint,
      credentials: ACCOUNT,
      ...options,
    });
  const entries = await Promise.all(
    Object.entries(STEPS).map(async ([name, step], i) => {
      const open: Open = (options) => new CloudStore({ storage: bucket(), prefix: `step${i}/`, module, ...options });
      return [name, await reasonOf(step(open, bucket))] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function reasonOf(step: Promise<void>): Promise<string | null> {
  try {
    await step;
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.stack ?? error}` : String(error);
  }
}

async function assertFails(
  call: Promise<unknown>,
  code: StorageError["code"],
  words: string = "Cannot",
): Promise<void> {
  const error = await call.then(() => null, (error: unknown) => error);
  assert(error instanceof StorageError, `it came to ${error}`);
  assertEquals(error.code, code, error.message);
  assert(error.message.includes(words), `"${error.message}" does not say "${words}"`);
}
