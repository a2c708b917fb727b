import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { CloudStore, memoryObjects, MemoryStore, StorageError, wrap } from "@ferrite/storage";
import { withMetrics } from "@ferrite/storage/otel";
import { CONTENT_TYPE, prometheus } from "@ferrite/storage/prometheus";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const memory = () => new MemoryStore({ maxSize: "8MB" });

/** The samples of one metric, by their labels, those that are the same for all left out. */
async function samplesOf(render: () => Promise<string>, metric: string): Promise<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const line of (await render()).split("\n")) {
    const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name !== metric) continue;
    const told = [...labels.matchAll(/(\w+)="([^"]*)"/g)].filter(([, label]) => label !== "otel_scope_name");
    samples[told.map(([, , value]) => value).join(" ")] = Number(value);
  }
  return samples;
}

test("calls are counted for each operation and face", async () => {
  const { meter, render } = prometheus();
  await using store = withMetrics(memory(), { meter });
  for (let i = 0; i < 200; i++) store.sync.set(`k${i}`, "v");
  for (let i = 0; i < 130; i++) await store.get("k1");
  await store.transact((tx) => {
    for (let i = 0; i < 70; i++) tx.incrBy("n");
  });
  store.sync.transact((tx) => tx.get("n"));
  for await (const _ of store.keys());
  for (const _ of store.sync.keys());
  assertEquals(await samplesOf(render, "ferrite_calls_total"), {
    "set sync": 200,
    "get store": 130,
    "transact store": 1,
    "incrBy transaction": 70,
    "transact sync": 1,
    "get transaction": 1,
    "keys store": 1,
    "keys sync": 1,
  });
});

test("one call in so many of each operation is timed, the first one always", async () => {
  const { meter, render } = prometheus();
  const timed = () => samplesOf(render, "ferrite_call_duration_count");
  {
    await using store = withMetrics(memory(), { meter });
    for (let i = 0; i < 129; i++) store.sync.get("k");
    for (let i = 0; i < 64; i++) await store.get("k");
    await store.set("k", "v");
    assertEquals(await timed(), { "get sync": 3, "get store": 1, "set store": 1 });
  }
  await using all = withMetrics(memory(), { meter, timeOneIn: 1, attributes: { store: "all" } });
  for (let i = 0; i < 5; i++) await all.get("k");
  assertEquals((await timed())["all get store"], 5);
});

test("a duration is that of the call, waiting included", async () => {
  const { meter, render } = prometheus();
  const slow = wrap(memory(), ({ name }, call) =>
    name === "get"
      ? async (...args) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return call(...args);
      }
      : call);
  await using store = withMetrics(slow, { meter });
  await store.get("k");
  await store.set("k", "v");
  const sums = await samplesOf(render, "ferrite_call_duration_sum");
  assert(sums["get store"] > 0.025 && sums["get store"] < 5, `${sums["get store"]} s`);
  assert(sums["set store"] < sums["get store"]);
  const buckets = await samplesOf(render, "ferrite_call_duration_bucket");
  assertEquals([buckets["get store 0.025"], buckets["get store 5"], buckets["get store +Inf"]], [0, 1, 1]);
});

test("errors are counted by their code, wherever they come from, and arrive as they are", async () => {
  const { meter, render } = prometheus();
  await using store = withMetrics(memory(), { meter });
  await store.set("text", "abc");
  const own = new TypeError("of the caller's function");
  const throwing = () => {
    throw own;
  };
  await assertFails(() => store.incrBy("text"), "NOT_INTEGER");
  await assertFails(() => store.incrBy("text"), "NOT_INTEGER");
  await assertFails(() => store.sync.lpush("text", ["v"]), "WRONG_TYPE");
  assertStrictEquals(await store.update("text", throwing).catch((error) => error), own);
  assertStrictEquals(await store.transact(throwing).catch((error) => error), own);
  await assertFails(() => store.transact((tx) => tx.incrBy("text")), "NOT_INTEGER");
  await assertRejects(() => store.get("k", { signal: AbortSignal.abort() }));
  const keys = store.keys({ match: 5 as never });
  await assertFails(() => keys.next(), "WRONG_TYPE");
  await assertFails(() => [...store.sync.keys({ match: 5 as never })], "WRONG_TYPE");
  assertEquals(await samplesOf(render, "ferrite_errors_total"), {
    "incrBy store NOT_INTEGER": 2,
    "lpush sync WRONG_TYPE": 1,
    "update store _OTHER": 1,
    "transact store _OTHER": 1,
    "incrBy transaction NOT_INTEGER": 1,
    "transact store NOT_INTEGER": 1,
    "get store AbortError": 1,
    "keys store WRONG_TYPE": 1,
    "keys sync WRONG_TYPE": 1,
  });
});

test("the figures of stats() are there until the store is closed", async () => {
  const { meter, render } = prometheus();
  let asked = 0;
  const inner = wrap(memory(), ({ name }, call) => name === "stats" ? () => (asked++, call()) : call);
  const store = withMetrics(inner, { meter, attributes: { store: "sessions" } });
  await store.set("k", "v");
  await store.get("k");
  await store.get("none");
  assertEquals(await samplesOf(render, "ferrite_keys"), { sessions: 1 });
  assertEquals(await samplesOf(render, "ferrite_hits_total"), { sessions: 1 });
  assertEquals(await samplesOf(render, "ferrite_misses_total"), { sessions: 1 });
  assertEquals(await samplesOf(render, "ferrite_max_size"), { sessions: 8 * 2 ** 20 });
  assert((await samplesOf(render, "ferrite_memory_size")).sessions > 0);
  assertEquals(asked, 5);
  await store.close();
  await store.close();
  assertEquals(await samplesOf(render, "ferrite_keys"), { sessions: 1 }); // as it was last
  assertEquals(asked, 5);
});

test("a store that is closed from elsewhere is still counted, without figures", async () => {
  const { meter, render } = prometheus();
  const inner = memory();
  const store = withMetrics(inner, { meter });
  await inner.close();
  await assertFails(() => store.get("k"), "CLOSED");
  assertEquals(await samplesOf(render, "ferrite_errors_total"), { "get store CLOSED": 1 });
  assertEquals(await samplesOf(render, "ferrite_keys"), {});
});

test("stores that share a meter are told apart by their attributes", async () => {
  const { meter, render } = prometheus();
  await using a = withMetrics(memory(), { meter, attributes: { store: "a" } });
  await using b = withMetrics(new CloudStore({ storage: memoryObjects() }), { meter, attributes: { store: "b" } });
  await a.set("k", "v");
  await b.set("k", "v");
  await b.set("k", "w");
  assertEquals(await samplesOf(render, "ferrite_calls_total"), { "a set store": 1, "b set store": 2 });
});

test("no key and no value is told", async () => {
  const { meter, render } = prometheus();
  await using store = withMetrics(memory(), { meter, timeOneIn: 1 });
  await store.set("secret-key", "secret-value");
  await assertFails(() => store.incrBy("secret-key"), "NOT_INTEGER");
  await assertFails(() => store.set("secret-key", "secret-value", { ttl: "secret-ttl" as never }), "WRONG_TYPE");
  assert(!(await render()).includes("secret"));
});

test("the text is what Prometheus reads", async () => {
  const { meter, render } = prometheus();
  await using store = withMetrics(memory(), { meter, attributes: { store: 'a "name"\\\n' } });
  await store.get("k");
  const text = await render();
  assert(/^text\/plain; version=0\.0\.4/.test(CONTENT_TYPE), CONTENT_TYPE);
  for (const line of text.trim().split("\n")) {
    const isLine = /^(# (HELP|TYPE|UNIT) \w+ .+|\w+(\{\w+="([^"\\]|\\.)*"(,\w+="([^"\\]|\\.)*")*\})? [-+.\dInfNae]+)$/
      .test(line);
    assert(isLine, line);
  }
  assert(/^# TYPE ferrite_calls_total counter$/m.test(text), text);
  assert(/^# TYPE ferrite_call_duration histogram$/m.test(text), text);
  assert(/^# TYPE ferrite_keys gauge$/m.test(text), text);
});

test("without a meter and a provider nothing is measured, and everything works", async () => {
  await using store = withMetrics(memory());
  await store.set("k", "1");
  assertEquals(await store.incrBy("k"), 2);
});

test("a share of calls to time that makes no sense is refused", async () => {
  for (const timeOneIn of [0, -1, 1.5, NaN, "64" as never]) {
    const error = assertThrows(() => withMetrics(memory(), { timeOneIn }), StorageError, "timeOneIn");
    assertEquals(error.code, "CONFIG");
  }
});

test("options of withMetrics that there are not are refused", () => {
  const misspelled = { timeoneIn: 1 } as never;
  assertFailsSync(() => withMetrics(memory(), misspelled), "CONFIG", "timeoneIn is not an option");
  for (const wrong of [null, 5] as never[]) assertFailsSync(() => withMetrics(memory(), wrong), "CONFIG", "options");
});
