import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { MemoryStore, StorageError } from "@ferrite/storage";
import { ferriteApp, type FerriteAppOptions } from "@ferrite/storage/http";
import { BACKENDS } from "./support/stores.ts";
import { assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";
import { type Ask, askApp, askOf, post, READ_ONLY_TOKEN, TOKEN } from "./support/http/client.ts";

const error = (text: string) => JSON.stringify({ error: text });
const result = (value: unknown) => JSON.stringify({ result: value });

/** Requests with the answers they must have. */
async function check(ask: Ask, cases: readonly [path: string, init: RequestInit, status: number, text: string][]) {
  for (const [path, init, status, text] of cases) {
    const answer = await ask(path, init);
    assertEquals([answer.status, answer.text], [status, text], path);
  }
}

const GET = {};
const OK = result("OK");

test("commands in the path", async () => {
  await using store = new MemoryStore();
  await check(askOf(store), [
    ["/set/foo/bar", GET, 200, OK],
    ["/GET/foo", GET, 200, result("bar")],
    ["/get/foo/", GET, 200, result("bar")],
    ["/get/nothing", GET, 200, result(null)],
    ["/set/foo/bar/EX/100", GET, 200, OK],
    ["/ttl/foo", GET, 200, result(100)],
    ["/set/foo/bar?EX=200", GET, 200, OK],
    ["/ttl/foo", GET, 200, result(200)],
    ["/set/foo/baz?nx", GET, 200, result(null)],
    ["/set/foo/baz?xx=&get=&ex=50", GET, 200, result("bar")],
    ["/set/foo/baz?px=300000&xx", GET, 200, OK],
    ["/mget/foo/nothing/foo", GET, 200, result(["baz", null, "baz"])],
    ["/zadd/teams/100/team-x/90/team-y", GET, 200, result(2)],
    ["/zrange/teams/0/-1/withscores", GET, 200, result(["team-y", "90", "team-x", "100"])],
    ["/echo/a%2Fb%20c+d", GET, 200, result("a/b c+d")],
    ["/echo/%E2%82%AC", GET, 200, result("€")],
    ["/echo//", GET, 200, result("")],
    ["/set/k/v?e%78=100", GET, 200, OK],
    ["/ttl/k", GET, 200, result(100)],
    ["/type/teams", GET, 200, result("zset")],
    ["/ping", GET, 200, result("PONG")],
    ["/incr/foo", GET, 400, error("ERR value is not an integer or out of range")],
    ["/get", GET, 400, error("ERR wrong number of arguments for 'get' command")],
    ["/nosuch/a", GET, 400, error("ERR unknown command 'nosuch', with args beginning with: 'a' ")],
    ["/echo/%zz", GET, 400, error("ERR failed to parse command: invalid URL escape")],
    ["/echo/%f", GET, 400, error("ERR failed to parse command: invalid URL escape")],
    ["/", GET, 400, error("ERR empty command")],
    ["/?_token=x", GET, 400, error("ERR empty command")],
    // These are pages only when something is sent there.
    ["/pipeline", GET, 400, error("ERR unknown command 'pipeline', with args beginning with: ")],
  ]);
});

test("a body is the last argument before the query", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  await check(ask, [
    ["/set/foo", post("value"), 200, OK],
    ["/get/foo", GET, 200, result("value")],
    ["/set/foo?EX=100", post('{"a":1}'), 200, OK],
    ["/get/foo", GET, 200, result('{"a":1}')],
    ["/ttl/foo", GET, 200, result(100)],
    ["/set/foo", { ...post("put"), method: "PUT" }, 200, OK],
    ["/get/foo", post(""), 200, result("put")],
    ["/set/bytes", post(Uint8Array.of(255, 0, 254)), 200, OK],
    ["/get/bytes", GET, 200, result("\ufffd\0\ufffd")],
    ["/strlen/bytes", GET, 200, result(3)],
    ["/pipeline/x", post("y"), 400, error("ERR unknown command 'pipeline', with args beginning with: 'x' 'y' ")],
  ]);
  assertEquals(await store.get("bytes"), Uint8Array.of(255, 0, 254));
});

test("bytes in a path that are no UTF-8", async () => {
  await using store = new MemoryStore();
  await check(askOf(store), [["/set/k%ff%00/%c3%28%e2x", GET, 200, OK]]);
  assertEquals(await store.get(Uint8Array.of(0x6b, 0xff, 0)), Uint8Array.of(0xc3, 0x28, 0xe2, 0x78));
});

test("commands in the body: strings, numbers and booleans", async () => {
  await using store = new MemoryStore();
  await check(askOf(store), [
    ["/", post(["SET", "foo", "bar", "EX", 100]), 200, OK],
    ["/", post(["get", "foo"]), 200, result("bar")],
    ["/", post(["sEt", "foo", true]), 200, OK],
    ["/", post(["get", "foo"]), 200, result("true")],
    ["/", post(["rpush", "numbers", 1, -2.5, 1e21, 0.1, 1e-7, false]), 200, result(6)],
    ["/", post(["lrange", "numbers", 0, -1]), 200, result(["1", "-2.5", "1e+21", "0.1", "1e-7", "false"])],
    ["/", post('["SET","n",9007199254740993]'), 200, OK],
    ["/", post(["GET", "n"]), 200, result("9007199254740993")],
    ["/", post('["ECHO", "12345678901234567890 \\" 1e5"]'), 200, result('12345678901234567890 " 1e5')],
    ["/", post('["INCRBY","n",9214364837600034814]'), 200, '{"result":9223372036854775807}'],
    ["/", post('[ "RPUSH" , "l" , "9007199254740993 \\\\" , -9007199254740993 , 9007199254740993e1 ]'), 200, result(3)],
    [
      "/",
      post(["lrange", "l", 0, -1]),
      200,
      result(["9007199254740993 \\", "-9007199254740993", "9007199254740993e1"]),
    ],
    ["/", post("[]"), 400, error("ERR empty command")],
    ["/", post(""), 400, error("ERR empty command")],
    ["/", { ...post(["ping"]), method: "PUT" }, 200, result("PONG")],
  ]);
  for (const body of ["{", "null", "1", '"ping"', '{"0":"ping"}', '["get",null]', '["get",["a"]]', '[["ping"]]']) {
    await check(askOf(store), [["/", post(body), 400, error("ERR failed to parse command")]]);
  }
});

test("pipelines", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const commands = [["SET", "key1", "valuex"], ["SETEX", "key2", 13, "z"], ["INCR", "key1"], [
    "ZADD",
    "s",
    11,
    "a",
    22,
    "b",
  ]];
  const results = [{ result: "OK" }, { result: "OK" }, { error: "ERR value is not an integer or out of range" }, {
    result: 2,
  }];
  await check(ask, [
    ["/pipeline", post(commands), 200, JSON.stringify(results)],
    ["/pipeline/", post([["ping"]]), 200, JSON.stringify([{ result: "PONG" }])],
    [
      "/pipeline",
      post([["nosuch"], [], ["get"]]),
      200,
      JSON.stringify([
        { error: "ERR unknown command 'nosuch', with args beginning with: " },
        { error: "ERR empty command" },
        { error: "ERR wrong number of arguments for 'get' command" },
      ]),
    ],
    ["/pipeline", post([]), 400, error("ERR empty pipeline request")],
    ["/pipeline", post(""), 400, error("ERR failed to parse pipeline request")],
    ["/pipeline", post("{}"), 400, error("ERR failed to parse pipeline request")],
    ["/pipeline", post('["ping"]'), 400, error("ERR failed to parse pipeline request")],
    ["/pipeline", post('[["ping"],["get",{}]]'), 400, error("ERR failed to parse pipeline request")],
  ]);
});

test("transactions", async () => {
  await using store = new MemoryStore();
  const discarded = "EXECABORT Transaction discarded because of: ERR wrong number of arguments for 'get' command";
  await check(askOf(store), [
    [
      "/multi-exec",
      post([["set", "a", 1], ["incr", "a"], ["lpush", "a", 1], ["get", "a"]]),
      200,
      JSON.stringify([
        { result: "OK" },
        { result: 2 },
        { error: "WRONGTYPE Operation against a key holding the wrong kind of value" },
        { result: "2" },
      ]),
    ],
    ["/multi-exec", post([["set", "a", 9], ["get"]]), 400, error(discarded)],
    ["/get/a", GET, 200, result("2")],
    ["/multi-exec", post([]), 400, error("ERR empty multi-exec request")],
    ["/multi-exec", post("x"), 400, error("ERR failed to parse multi-exec request")],
  ]);
  await BACKENDS.cloud(async (cloud) => {
    const refused = error("ERR MULTI needs transactions, which this store does not have");
    await check(askOf(cloud), [["/multi-exec", post([["set", "a", 1]]), 400, refused], [
      "/get/a",
      GET,
      200,
      result(null),
    ]]);
  });
});

test("base64, where only an OK of its own is left as it is", async () => {
  await using store = new MemoryStore();
  const base64 = { "Upstash-Encoding": "base64" };
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
  await store.set("bytes", bytes);
  await store.set("long", new Uint8Array(20_000).fill(7));
  await store.hset("h", "OK", "OK");
  await check(askOf(store), [
    ["/set/foo/bar", { headers: base64 }, 200, OK],
    ["/get/foo", { headers: base64 }, 200, result("YmFy")],
    ["/echo/OK", { headers: base64 }, 200, result("T0s=")],
    ["/ping", { headers: base64 }, 200, result("UE9ORw==")],
    ["/type/foo", { headers: base64 }, 200, result("c3RyaW5n")],
    ["/hgetall/h", { headers: base64 }, 200, result(["T0s=", "T0s="])],
    ["/strlen/foo", { headers: base64 }, 200, result(3)],
    ["/get/nothing", { headers: base64 }, 200, result(null)],
    ["/get/bytes", { headers: base64 }, 200, result(btoa(String.fromCharCode(...bytes)))],
    ["/get/long", { headers: base64 }, 200, result(btoa("\x07".repeat(20_000)))],
    ["/nosuch", { headers: base64 }, 400, error("ERR unknown command 'nosuch', with args beginning with: ")],
    ["/pipeline", post([["set", "a", "OK"], ["get", "a"]], base64), 200, '[{"result":"OK"},{"result":"T0s="}]'],
    ["/multi-exec", post([["set", "a", "OK"], ["get", "a"]], base64), 200, '[{"result":"OK"},{"result":"T0s="}]'],
  ]);
});

test("RESP2", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const resp2 = { "Upstash-Response-Format": "resp2" };
  await check(ask, [
    ["/set/foo/bar", { headers: resp2 }, 200, "+OK\r\n"],
    ["/get/foo", { headers: resp2 }, 200, "$3\r\nbar\r\n"],
    ["/get/nothing", { headers: resp2 }, 200, "$-1\r\n"],
    ["/lpop/nothing/2", { headers: resp2 }, 200, "*-1\r\n"],
    ["/strlen/foo", { headers: resp2 }, 200, ":3\r\n"],
    ["/zadd/z/1.5/a", { headers: resp2 }, 200, ":1\r\n"],
    ["/zmpop/1/z/min", { headers: resp2 }, 200, "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\na\r\n$3\r\n1.5\r\n"],
    ["/no%0D%0Asuch", { headers: resp2 }, 400, "-ERR unknown command 'no  such', with args beginning with: \r\n"],
    [
      "/pipeline",
      post([["ping"], ["incr", "foo"]], resp2),
      200,
      "+PONG\r\n-ERR value is not an integer or out of range\r\n",
    ],
    ["/multi-exec", post([["ping"]], resp2), 200, '[{"result":"PONG"}]'],
    ["/ping", { headers: { "Upstash-Response-Format": "json" } }, 200, result("PONG")],
    [
      "/ping",
      { headers: { "Upstash-Response-Format": "resp3" } },
      400,
      error("ERR unknown Upstash-Response-Format: there are json and resp2"),
    ],
    [
      "/ping",
      { headers: { ...resp2, "Upstash-Encoding": "base64" } },
      400,
      error("ERR Upstash-Encoding base64 is for the response format json"),
    ],
  ]);
  assertEquals((await ask("/ping", { headers: resp2 })).headers.get("content-type"), "application/octet-stream");
});

test("methods", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  await check(ask, [["/set/foo/bar", { method: "HEAD" }, 200, ""], ["/get/foo", GET, 200, result("bar")]]);
  for (const method of ["DELETE", "PATCH", "OPTIONS"]) {
    const answer = await ask("/set/foo/baz", { method });
    assertEquals([answer.status, answer.text], [405, error("ERR method not allowed")]);
    assertEquals(answer.headers.get("allow"), "HEAD, GET, POST, PUT");
  }
  assertEquals((await ask("/get/foo")).text, result("bar"));
});

test("answers are JSON, are not kept by caches, and are not taken for anything else", async () => {
  await using store = new MemoryStore();
  for (const path of ["/ping", "/nosuch"]) {
    const { headers } = await askOf(store)(path);
    assertEquals(headers.get("content-type"), "application/json");
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  }
});

test("health says whether the store is open, to everyone", async () => {
  const store = new MemoryStore();
  const ask = askOf(store);
  const nobody = { headers: { authorization: "" } };
  await check(ask, [["/health", nobody, 200, '{"status":"ok"}'], ["/health", { ...nobody, method: "HEAD" }, 200, ""]]);
  await store.close();
  await check(ask, [["/health", nobody, 503, '{"status":"closed"}']]);
});

test("metrics are what the function answers, for those who may read", async () => {
  await using store = new MemoryStore();
  const text = "# TYPE ferrite_keys gauge\nferrite_keys 0\n";
  const reader = { headers: { authorization: `Bearer ${READ_ONLY_TOKEN}` } };
  await check(askOf(store, { metrics: () => Promise.resolve(text) }), [
    ["/metrics", GET, 200, text],
    ["/metrics", reader, 200, text],
    ["/metrics", { headers: { authorization: "Bearer x" } }, 401, error("WRONGPASS invalid or missing auth token")],
  ]);
  await check(askOf(store), [[
    "/metrics",
    GET,
    400,
    error("ERR unknown command 'metrics', with args beginning with: "),
  ]]);
});

test("it can be mounted anywhere", async () => {
  await using store = new MemoryStore();
  const app = ferriteApp(store, { token: TOKEN });
  const outer = new Hono();
  outer.get("/", (c) => c.text("home"));
  outer.route("/kv/v1", app);
  outer.mount("/mounted", app.fetch);
  outer.route("/:tenant/redis", app);
  outer.notFound((c) => c.text("nothing here", 404));
  await check(askApp(outer), [
    ["/", GET, 200, "home"],
    ["/kv/v1/set/foo/bar", GET, 200, OK],
    ["/kv/v1", post(["get", "foo"]), 200, result("bar")],
    ["/kv/v1/", post(["get", "foo"]), 200, result("bar")],
    ["/kv/v1/pipeline", post([["get", "foo"]]), 200, '[{"result":"bar"}]'],
    ["/kv/v1/health", GET, 200, '{"status":"ok"}'],
    ["/kv/v1/nosuch", GET, 400, error("ERR unknown command 'nosuch', with args beginning with: ")],
    ["/mounted/get/foo", GET, 200, result("bar")],
    ["/mounted", post(["get", "foo"]), 200, result("bar")],
    ["/someone/redis/get/foo", GET, 200, result("bar")],
    ["/kv", GET, 404, "nothing here"],
  ]);
});

test("options that make no sense are refused", async () => {
  await using store = new MemoryStore();
  const wrong: [options: unknown, words: string][] = [
    [undefined, "expected an object of options"],
    [{}, 'token must be given, or auth: "none"'],
    [{ token: undefined }, 'token must be given, or auth: "none"'],
    [{ token: "" }, "token must be a string of printable ASCII"],
    [{ token: "with space" }, "token must be a string"],
    [{ token: 5 }, "token must be a string"],
    [{ readOnlyToken: "ü" }, "readOnlyToken must be a string"],
    [{ token: "a", readOnlyToken: "a" }, "must not be the same"],
    [{ token: "a", auth: "none" }, "exclude each other"],
    [{ auth: "all" }, 'auth must be "none"'],
    [{ token: "a", maxBodySize: "many" }, "maxBodySize must be a size from 1 byte to 512 MB"],
    [{ token: "a", maxBodySize: 0 }, "maxBodySize"],
    [{ token: "a", maxBodySize: "1GB" }, "maxBodySize"],
    [{ token: "a", maxPipelineLength: 0 }, "maxPipelineLength must be an integer of 1 or more"],
    [{ token: "a", maxPipelineLength: 1.5 }, "maxPipelineLength"],
    [{ token: "a", overlapPipelines: 1 }, "overlapPipelines must be true or false"],
    [{ token: "a", metrics: "x" }, "metrics must be a function"],
    [{ token: "a", onError: null }, "onError must be a function"],
    [{ token: "a", tokn: "b" }, "tokn is not an option; there are token"],
  ];
  for (const [options, words] of wrong) {
    assertFailsSync(() => ferriteApp(store, options as FerriteAppOptions), "CONFIG", words);
  }
  try {
    ferriteApp(store, { token: "my secret" });
  } catch (error) {
    assert(error instanceof StorageError && !error.message.includes("my secret"));
  }
});

test("auth none lets everyone in", async () => {
  await using store = new MemoryStore();
  const ask = askApp(ferriteApp(store, { auth: "none" }));
  await check(ask, [["/set/a/b", { headers: { authorization: "" } }, 200, OK]]);
});

test("commands of a pipeline may overlap, and on one key they keep their order", () =>
  BACKENDS.cloud(async (store) => {
    const ask = askOf(store, { overlapPipelines: true });
    const commands = Array.from(
      { length: 60 },
      (_, i) => [["incr", "n"], ["rpush", "l", i], ["set", `k${i}`, i]][i % 3],
    );
    const replies = JSON.parse((await ask("/pipeline", post([...commands, ["dbsize"], ["flushdb"], ["dbsize"]]))).text);
    assertEquals(
      replies.map(({ result }: { result: unknown }) => result),
      [...commands.map((_, i) => [Math.floor(i / 3) + 1, Math.floor(i / 3) + 1, "OK"][i % 3]), 22, "OK", 0],
    );
  }));
