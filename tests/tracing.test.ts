import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Attributes, context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { CloudStore, memoryObjects, MemoryStore } from "@ferrite/storage";
import { withTracing } from "@ferrite/storage/otel";
import { bytes } from "./support/bytes.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager());

const memory = () => new MemoryStore({ maxSize: "8MB" });

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracer: provider.getTracer("test"), spans: () => exporter.getFinishedSpans() };
}

const shown = ({ name, attributes, status }: ReadableSpan): [string, Attributes, SpanStatusCode] => {
  const { "db.system.name": _system, "db.operation.name": _name, ...others } = attributes;
  return [name, others, status.code];
};

test("each call is a span, named and marked by the conventions", async () => {
  const { tracer, spans } = tracing();
  await using store = withTracing(memory(), { tracer, attributes: { "db.namespace": "sessions" } });
  await store.set("k", "v");
  store.sync.get("k");
  assertEquals(
    spans().map(({ name, kind, attributes }) => [name, kind, attributes]),
    ["set", "get"].map((name) => [
      name,
      SpanKind.INTERNAL,
      { "db.system.name": "ferrite", "db.operation.name": name, "db.namespace": "sessions" },
    ]),
  );
  assertEquals(spans().map(({ status }) => status.code), [SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
});

test("calls on a store that is elsewhere are those of a client", async () => {
  const { tracer, spans } = tracing();
  await using store = withTracing(new CloudStore({ storage: memoryObjects() }), { tracer });
  await store.hset("h", "f", "v");
  assertEquals(spans().map(({ kind }) => kind), [SpanKind.CLIENT]);
});

test("several keys are a batch, a transaction is one span, an iteration lasts to its end", async () => {
  const { tracer, spans } = tracing();
  await using store = withTracing(memory(), { tracer });
  await store.mset(new Map([["a", "1"], ["b", "2"], ["c", "3"]]));
  await store.mget(["a", "b"]);
  await store.mget(["a"]);
  await store.transact((tx) => {
    tx.set("a", "1");
    tx.del("b");
  });
  const unused = store.keys();
  const keys = store.keys();
  await keys.next();
  assertEquals(spans().length, 4);
  await keys.return!();
  for (const _ of store.sync.keys());
  await unused.return!();
  assertEquals(spans().map(shown).map(([name, attributes]) => [name, attributes]), [
    ["mset", { "db.operation.batch.size": 3 }],
    ["mget", { "db.operation.batch.size": 2 }],
    ["mget", {}],
    ["transact", {}],
    ["keys", {}],
    ["keys", {}],
  ]);
});

test("a failure is told by its code, on every face, and arrives as it is", async () => {
  const { tracer, spans } = tracing();
  await using store = withTracing(memory(), { tracer });
  await store.set("text", "abc");
  const own = new Error("secret of the caller");
  await assertFails(() => store.incrBy("text"), "NOT_INTEGER");
  await assertFails(() => store.sync.rpush("text", ["v"]), "WRONG_TYPE");
  const thrown = store.transact(() => {
    throw own;
  });
  assertStrictEquals(await thrown.catch((error) => error), own);
  await assertFails(() => store.keys({ match: 5 as never }).next(), "WRONG_TYPE");
  await assertFails(() => store.sync.keys({ match: 5 as never }).next(), "WRONG_TYPE");
  assertEquals(spans().slice(1).map(shown), [
    ["incrBy", { "error.type": "NOT_INTEGER", "db.response.status_code": "NOT_INTEGER" }, SpanStatusCode.ERROR],
    ["rpush", { "error.type": "WRONG_TYPE", "db.response.status_code": "WRONG_TYPE" }, SpanStatusCode.ERROR],
    ["transact", { "error.type": "_OTHER" }, SpanStatusCode.ERROR],
    ["keys", { "error.type": "WRONG_TYPE", "db.response.status_code": "WRONG_TYPE" }, SpanStatusCode.ERROR],
    ["keys", { "error.type": "WRONG_TYPE", "db.response.status_code": "WRONG_TYPE" }, SpanStatusCode.ERROR],
  ]);
  assert(!everythingOf(spans()).includes("secret"));
});

test("keys are told only if that is asked for, values never", async () => {
  for (const keys of [undefined, true]) {
    const { tracer, spans } = tracing();
    await using store = withTracing(memory(), { tracer, keys });
    await store.set("key-a", "secret");
    await store.rpush("key-b", ["secret"]);
    await store.mset([["key-a", "secret"], [bytes("key-c"), "secret"]]);
    await store.zunionStore("key-d", ["key-e", "key-f"]);
    await assertFails(() => store.incrBy("key-a"), "NOT_INTEGER");
    await assertFails(() => store.set("key-a", "x", { ttl: "secret" as never }), "WRONG_TYPE");
    const text = everythingOf(spans());
    assert(!text.includes("secret"), text);
    assertEquals(text.includes("key-"), keys === true, text);
    if (keys !== true) continue;
    assertEquals(spans().map(({ attributes }) => attributes["db.query.text"]), [
      "set key-a",
      "rpush key-b",
      "mset key-a key-c",
      "zunionStore key-d key-e key-f",
      "incrBy key-a",
      "set key-a",
    ]);
  }
});

function everythingOf(spans: ReadableSpan[]): string {
  return JSON.stringify(
    spans.map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })),
  );
}

test("what a call does has its span for a parent", async () => {
  const { tracer, spans } = tracing();
  const storage = memoryObjects();
  const [get, list] = [storage.get.bind(storage), storage.list.bind(storage)];
  storage.get = (...args) => {
    tracer.startSpan("request").end();
    return get(...args);
  };
  storage.list = (...args) => {
    tracer.startSpan("request").end();
    return list(...args);
  };
  await using store = withTracing(new CloudStore({ storage }), { tracer });
  await tracer.startActiveSpan("handler", async (handler) => {
    await store.get("k");
    for await (const _ of store.keys());
    handler.end();
  });
  const [handler] = spans().filter(({ name }) => name === "handler");
  for (const name of ["get", "keys"]) {
    const call = spans().find((span) => span.name === name)!;
    assertStrictEquals(call.parentSpanContext?.spanId, handler.spanContext().spanId);
    const requests = spans().filter((span) => span.parentSpanContext?.spanId === call.spanContext().spanId);
    assert(requests.length > 0 && requests.every((span) => span.name === "request"), name);
  }
});

test("options of withTracing that there are not are refused", () => {
  assertFailsSync(() => withTracing(memory(), { key: true } as never), "CONFIG", "key is not an option");
  for (const wrong of [null, 5] as never[]) assertFailsSync(() => withTracing(memory(), wrong), "CONFIG", "options");
});

test("without a tracer and a provider nothing is traced, and everything works", async () => {
  trace.disable();
  await using store = withTracing(memory());
  await store.set("k", "1");
  assertEquals(await store.incrBy("k"), 2);
});
