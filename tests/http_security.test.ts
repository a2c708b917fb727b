import { connect } from "node:net";
import { assert, assertEquals } from "@std/assert";
import { MemoryStore, type StorageEngine, StorageError } from "@ferrite/storage";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { ferriteApp, type FerriteAppOptions } from "@ferrite/storage/http";
import { COMMANDS } from "../src/commands/table.ts";
import { test } from "./support/harness.ts";
import { type Ask, askApp, askOf, post, READ_ONLY_TOKEN, TOKEN } from "./support/http/client.ts";
import { serve } from "./support/http/serve.ts";
import { type Random, seeded } from "./support/random.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const WRONG_PASS = '{"error":"WRONGPASS invalid or missing auth token"}';

test("nobody gets in without the right token", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store, { metrics: () => "secret figures" });
  const wrong: Record<string, string>[] = [
    { authorization: "" },
    bearer(""),
    bearer("x"),
    bearer(TOKEN.slice(0, -1)),
    bearer(`${TOKEN}x`),
    bearer(TOKEN.toUpperCase()),
    bearer(`${TOKEN} ${TOKEN}`),
    bearer(`${TOKEN},${READ_ONLY_TOKEN}`),
    bearer("undefined"),
    bearer("null"),
    { authorization: TOKEN },
    { authorization: `Basic ${TOKEN}` },
    { authorization: `Basic ${btoa(`:${TOKEN}`)}` },
    { authorization: `Bearer${TOKEN}` },
    bearer("x".repeat(5000)),
  ];
  const requests: [path: string, init: RequestInit][] = [
    ["/set/k/v", {}],
    ["/ping", {}],
    ["/metrics", {}],
    ["/nosuch", {}],
    ["/echo/%zz", {}],
    ["/", post(["set", "k", "v"])],
    ["/pipeline", post([["set", "k", "v"]])],
    ["/multi-exec", post([["set", "k", "v"]])],
    ["/set/k", { ...post("v"), method: "PUT" }],
    ["/set/k/v", { method: "DELETE" }],
    ["/set/k/v?_token=", {}],
    ["/set/k/v?_token", {}],
    ["/set/k/v?_token=x", {}],
    [`/set/k/v?_token=x&_token=${TOKEN}`, {}],
    [`/set/k/v?token=${TOKEN}`, {}],
    [`/_token=${TOKEN}`, {}],
    [`/_token/${TOKEN}`, {}],
    ["/set/k", post("x".repeat(2_000_000))],
  ];
  for (const headers of wrong) {
    for (const [path, init] of requests) {
      const answer = await ask(path, { ...init, headers });
      assertEquals([answer.status, answer.text], [401, WRONG_PASS], `${path} ${JSON.stringify(headers)}`);
      assertEquals(answer.headers.get("www-authenticate"), "Bearer");
    }
  }
  assertEquals(store.sync.size(), 0);
});

test("the right token gets in, in the header or in the query", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const none = { authorization: "" };
  for (
    const [path, headers] of [
      ["/ping", bearer(TOKEN)],
      ["/ping", { authorization: `bearer  ${TOKEN}` }],
      ["/ping", bearer(READ_ONLY_TOKEN)],
      [`/ping?_token=${TOKEN}`, none],
      [`/echo/a?_token=${TOKEN}`, none],
      [`/ping?_tok%65n=${encodeURIComponent(TOKEN)}`, none],
    ] as const
  ) assertEquals((await ask(path, { headers })).status, 200, path);
  // It is no argument of the command.
  assertEquals((await ask(`/set/k/v?EX=100&_token=${TOKEN}`, { headers: none })).text, '{"result":"OK"}');
  assertEquals((await ask("/ttl/k")).text, '{"result":100}');
});

test("a read-only token writes nowhere: not in the path, a body, a pipeline or a transaction", async () => {
  await using store = new MemoryStore();
  store.sync.set("k", "v");
  const ask = askOf(store);
  const headers = bearer(READ_ONLY_TOKEN);
  const denied = (name: string) => `NOPERM this user has no permissions to run the '${name}' command`;
  for (const { name, arity, flags } of COMMANDS.values()) {
    if (!flags.includes("write") && !flags.includes("guarded")) continue;
    const args = [name.toUpperCase(), ...new Array<string>(Math.abs(arity) - 1).fill("1")];
    const error = JSON.stringify({ error: denied(name) });
    const path = await ask(`/${args.join("/")}`, { headers });
    assertEquals([path.status, path.text], [400, error]);
    assertEquals((await ask("/", post(args, headers))).text, error);
    assertEquals((await ask("/pipeline", post([["get", "k"], args], headers))).text, `[{"result":"v"},${error}]`);
    const transaction = await ask("/multi-exec", post([["get", "k"], args], headers));
    const discarded = JSON.stringify({ error: `EXECABORT Transaction discarded because of: ${denied(name)}` });
    assertEquals([transaction.status, transaction.text], [400, discarded]);
  }
  assertEquals(
    (await ask("/multi-exec", post([["get", "k"], ["exists", "k"]], headers))).text,
    '[{"result":"v"},{"result":1}]',
  );
  assertEquals(store.sync.size(), 1);
  // A server without a token for writing takes none.
  const reading = askApp(ferriteApp(store, { readOnlyToken: READ_ONLY_TOKEN }));
  assertEquals((await reading("/set/k/w", { headers: bearer(TOKEN) })).status, 401);
  assertEquals((await reading("/set/k/w", { headers })).status, 400);
  assertEquals((await reading("/get/k", { headers })).text, '{"result":"v"}');
});

/** All that is written to the console while a test runs. */
async function recorded(run: () => Promise<void>): Promise<string> {
  const written: unknown[] = [];
  const methods = ["log", "info", "warn", "error", "debug"] as const;
  const before = methods.map((name) => console[name]);
  for (const name of methods) console[name] = (...items: unknown[]) => void written.push(...items);
  try {
    await run();
  } finally {
    methods.forEach((name, i) => console[name] = before[i]);
  }
  return written.map((item) => item instanceof Error ? `${item.stack} ${String(item.cause)}` : String(item)).join("\n");
}

function raise(failure: unknown): never {
  throw failure;
}

/** A store of which nothing works. */
function broken(failure: unknown): StorageEngine {
  const store = new MemoryStore();
  return new Proxy(store, {
    get: (_, name) => {
      if (name === "supports") return store.supports;
      return name === "stats" ? () => raise(failure) : () => Promise.reject(failure);
    },
  });
}

test("no token is in any answer, log or error", async () => {
  const failures = [
    new StorageError("UNAVAILABLE", "Cannot read bucket"),
    new StorageError("CORRUPT", "Cannot read file"),
    new TypeError("cannot read properties of undefined"),
  ];
  let logged = "";
  const answers: string[] = [];
  for (const failure of [null, ...failures]) {
    await using memory = new MemoryStore();
    const store = failure === null ? memory : broken(failure);
    logged += await recorded(async () => {
      // With what it does where nothing else is said.
      const ask = askApp(ferriteApp(store, { token: TOKEN, readOnlyToken: READ_ONLY_TOKEN }));
      for (const token of [TOKEN, READ_ONLY_TOKEN, "wrong-secret"]) {
        for (
          const path of [
            "/set/k/v",
            "/get/k",
            "/nosuch/a/b",
            "/get",
            "/echo/%zz",
            "/",
            "/object/help",
            "/info",
            "/command",
          ]
        ) {
          for (const where of ["header", "query"]) {
            const headers = where === "header" ? bearer(token) : { authorization: "" };
            const inits = [{ headers }, post("{", headers), post(["get", "k"], headers)];
            for (const init of inits) {
              const answer = await ask(where === "query" ? `${path}?_token=${token}` : path, init);
              answers.push(`${answer.text} ${JSON.stringify([...answer.headers])}`);
            }
          }
        }
      }
    });
  }
  for (const text of [logged, answers.join("\n")]) {
    assert(!/secret/.test(text), /.{0,100}secret.{0,100}/.exec(text)?.[0]);
  }
  // What went wrong is in the log, and not in the answers.
  for (const { message } of failures) {
    assert(logged.includes(message));
    assert(!answers.join("\n").includes(message));
  }
});

test("errors that are not the client's doing have their status, and go to onError", async () => {
  const failures: [failure: unknown, status: number, text: string][] = [
    [new StorageError("UNAVAILABLE", "Cannot x"), 503, "ERR the store is unavailable"],
    [
      new StorageError("UNAVAILABLE", "Cannot x", { outcome: "unknown" }),
      503,
      "ERR the store is unavailable; the command may have taken effect",
    ],
    [new StorageError("CLOSED", "Cannot x"), 500, "ERR internal error of the store"],
    [new StorageError("POISONED", "Cannot x"), 500, "ERR internal error of the store"],
    [new TypeError("x is not a function"), 500, "ERR internal error"],
    ["a string", 500, "ERR internal error"],
  ];
  for (const [failure, status, text] of failures) {
    const errors: unknown[] = [];
    const ask = askOf(broken(failure), { onError: (error) => errors.push(error) });
    const answer = await ask("/get/k");
    assertEquals([answer.status, answer.text], [status, JSON.stringify({ error: text })]);
    assert(errors.length === 1 && (errors[0] === failure || errors[0] instanceof Error));
    // One command of a pipeline that fails so does not take the others with it.
    if (!(failure instanceof StorageError)) continue;
    const pipeline = await ask("/pipeline", post([["ping"], ["get", "k"], ["ping"]]));
    assertEquals([pipeline.status, pipeline.text], [
      200,
      `[{"result":"PONG"},${JSON.stringify({ error: text })},{"result":"PONG"}]`,
    ]);
    assertEquals(errors, [failure, failure]);
  }
});

/** A body that comes in pieces, without its length, and how many were asked for. */
function streamed(piece: Uint8Array, count: number): { init: RequestInit; pulled: () => number } {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ < count) controller.enqueue(piece);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  return { init: { method: "POST", body, duplex: "half" } as RequestInit, pulled: () => pulled };
}

test("bodies that are too long are refused, without reading them whole", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store, { maxBodySize: "1KB" });
  const tooLong = '{"error":"ERR max request size exceeded. Limit: 1024 bytes"}';
  assertEquals((await ask("/set/k", post("x".repeat(1024)))).text, '{"result":"OK"}');
  for (const path of ["/set/k", "/", "/pipeline", "/multi-exec"]) {
    const answer = await ask(path, post("x".repeat(1025)));
    assertEquals([answer.status, answer.text], [413, tooLong]);
    const declared = await ask(path, post("short", { "content-length": "1025" }));
    assertEquals([declared.status, declared.text], [413, tooLong]);
    const { init, pulled } = streamed(new Uint8Array(256), 1_000_000);
    const endless = await ask(path, init);
    assertEquals([endless.status, endless.text], [413, tooLong]);
    assert(pulled() < 20);
  }
  const { init } = streamed(new TextEncoder().encode("abc"), 3);
  assertEquals((await ask("/set/streamed", init)).text, '{"result":"OK"}');
  assertEquals((await ask("/get/streamed")).text, '{"result":"abcabcabc"}');
  assertEquals((await ask("/get/k")).text, JSON.stringify({ result: "x".repeat(1024) }));
});

test("pipelines that are too long are refused", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store, { maxPipelineLength: 3 });
  for (const path of ["/pipeline", "/multi-exec"]) {
    assertEquals((await ask(path, post(new Array(3).fill(["incr", "n"])))).status, 200);
    const answer = await ask(path, post(new Array(4).fill(["incr", "n"])));
    assertEquals([answer.status, answer.text], [
      413,
      '{"error":"ERR max pipeline length exceeded. Limit: 3, Actual: 4"}',
    ]);
  }
  assertEquals(store.sync.incrBy("n"), 7);
});

test("JSON of any depth is refused, and the next request is answered", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store, { maxBodySize: "8MB" });
  const depth = 2_000_000;
  for (
    const body of [
      "[".repeat(depth),
      "[".repeat(depth) + "]".repeat(depth),
      '{"a":'.repeat(depth / 2) + "1" + "}".repeat(depth / 2),
      `["get",${"[".repeat(depth)}${"]".repeat(depth)}]`,
      `[["get",${"[".repeat(depth)}1${"]".repeat(depth)}]]`,
    ]
  ) {
    for (const path of ["/", "/pipeline", "/multi-exec"]) {
      assertEquals((await ask(path, post(body))).status, 400);
      assertEquals((await ask("/ping")).text, '{"result":"PONG"}');
    }
  }
});

test("names of JavaScript are names like others, and change no object", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"];
  for (const name of names) {
    assertEquals((await ask(`/get/${name}`)).text, '{"result":null}');
    assertEquals((await ask(`/set/${name}/polluted`)).text, '{"result":"OK"}');
    assertEquals((await ask("/", post(["HSET", "hash", name, "polluted"]))).text, '{"result":1}');
    assertEquals((await ask(`/get/${name}`)).text, '{"result":"polluted"}');
    for (const init of [{}, post(["x"])]) assertEquals((await ask(`/${name}/a`, init)).status, 400);
    assertEquals((await ask("/", post([name, "a"]))).status, 400);
    assertEquals((await ask("/pipeline", post([[name]]))).status, 200);
  }
  for (const body of ['{"__proto__":["ping"]}', '{"constructor":{"prototype":{"polluted":1}}}', '[{"__proto__":1}]']) {
    for (const path of ["/", "/pipeline", "/multi-exec"]) assertEquals((await ask(path, post(body))).status, 400);
  }
  const hash = JSON.parse((await ask("/hgetall/hash")).text).result;
  assertEquals(hash.length, 2 * names.length);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  assertEquals(store.sync.size(), names.length + 1);
});

test("no key leads out of a store, nor from one command to another", async () => {
  const objects = memoryObjects();
  await using cloud = new CloudStore({ storage: objects, prefix: "app/" });
  await using memory = new MemoryStore();
  const keys = [
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e",
    "%2e%2e",
    "%2e",
    "a%2fb",
    "%2Fetc",
    "..%5c..",
    "a%00b",
    "%252e%252e%252f",
  ];
  for (const store of [cloud, memory]) {
    const ask = askOf(store);
    for (const key of keys) {
      // A key of dots alone is taken for a step by whoever makes a URL, so it goes into a body.
      const name = decodeURIComponent(key);
      assertEquals((await ask("/", post(["set", name, key]))).text, '{"result":"OK"}');
      assertEquals((await ask("/", post(["get", name]))).text, JSON.stringify({ result: key }));
      if (!/^(%2e)+$/.test(key)) assertEquals((await ask(`/get/${key}`)).text, JSON.stringify({ result: key }));
    }
    assertEquals(await store.size(), keys.length);
  }
  for (const { name } of (await objects.list("")).objects) assert(name.startsWith("app/"), name);
});

test("line ends in keys, values and commands end no line of an answer", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const text = "a\r\n$5\r\nhello\r\nSet-Cookie: x=y\r\n\r\n+OK\r\n";
  const encoded = encodeURIComponent(text);
  const resp2 = { "upstash-response-format": "resp2" };
  assertEquals((await ask(`/set/${encoded}/${encoded}`)).text, '{"result":"OK"}');
  const answer = await ask(`/get/${encoded}`);
  assertEquals(answer.text, JSON.stringify({ result: text }));
  assertEquals(answer.headers.get("set-cookie"), null);
  assertEquals((await ask(`/get/${encoded}`, { headers: resp2 })).text, `$${text.length}\r\n${text}\r\n`);
  for (const path of [`/${encoded}`, `/nosuch/${encoded}`, `/object/${encoded}/k`, `/expire/k/1/${encoded}`]) {
    const { text } = await ask(path, { headers: resp2 });
    assert(/^-ERR [^\r\n]*\r\n$/.test(text), JSON.stringify(text));
  }
});

test("bytes that are no UTF-8 are refused in JSON, and kept elsewhere", async () => {
  await using store = new MemoryStore();
  const ask = askOf(store);
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  for (const bad of ["\xff", "\xc3(", "\xed\xa0\x80", "\xf0\x82\x82\xac", "\xe2\x82"]) {
    assertEquals((await ask("/", post(latin1(`["set","k","${bad}"]`)))).status, 400);
    assertEquals((await ask("/pipeline", post(latin1(`[["set","k","${bad}"]]`)))).status, 400);
    assertEquals((await ask("/set/raw", post(latin1(bad)))).text, '{"result":"OK"}');
    assertEquals(store.sync.get("raw"), latin1(bad));
  }
  assertEquals(store.sync.get("k"), null);
  // Half of a pair cannot be encoded.
  assertEquals((await ask("/", post('["set","half","\\ud800"]'))).text, '{"result":"OK"}');
  assertEquals((await ask("/get/half")).text, '{"result":"\ufffd"}');
});

/** What a server sends back for bytes as they are, until it has said something or closed. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const end = () => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(3000, end);
    socket.on("data", (data) => {
      received += data.toString("latin1");
      if (received.includes("\r\n\r\n")) end();
    });
    socket.on("error", end);
    socket.on("close", end);
  });
}

test("a server lives on after requests that no client makes", async () => {
  await using store = new MemoryStore();
  const errors: unknown[] = [];
  const server = await serve(ferriteApp(store, { token: TOKEN, onError: (error) => errors.push(error) }));
  try {
    const head = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    const raw = [
      `GET /get/../../etc/passwd HTTP/1.1\r\n${head}\r\n`,
      `GET /get/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n${head}\r\n`,
      `GET //get/k HTTP/1.1\r\n${head}\r\n`,
      `GET /get//k HTTP/1.1\r\n${head}\r\n`,
      `GET http://other.example/get/k HTTP/1.1\r\n${head}\r\n`,
      `GET /get/k#fragment HTTP/1.1\r\n${head}\r\n`,
      `GET /get/a\\b"<>{}|^\x7f HTTP/1.1\r\n${head}\r\n`,
      `GET /get/\xff\xfe HTTP/1.1\r\n${head}\r\n`,
      `GET /get/${"a".repeat(200_000)} HTTP/1.1\r\n${head}\r\n`,
      `GET /${"a/".repeat(5000)} HTTP/1.1\r\n${head}\r\n`,
      `OPTIONS * HTTP/1.1\r\n${head}\r\n`,
      `CONNECT localhost:1 HTTP/1.1\r\n${head}\r\n`,
      `TRACE /get/k HTTP/1.1\r\n${head}\r\n`,
      `GET /get/k HTTP/1.1\r\n\r\n`,
      `GET /get/k HTTP/1.0\r\n${head}\r\n`,
      `GET /get/k\r\n`,
      `GET /set/smuggled/x HTTP/9.9\r\n${head}\r\n`,
      `POST /set/k HTTP/1.1\r\n${head}Content-Length: -5\r\n\r\nabc`,
      `POST /set/k HTTP/1.1\r\n${head}Content-Length: abc\r\n\r\nabc`,
      `POST /set/k HTTP/1.1\r\n${head}Content-Length: 99999999999999999999\r\n\r\nabc`,
      `POST /set/k HTTP/1.1\r\n${head}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcGE`,
      `POST /set/k HTTP/1.1\r\n${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      `POST /set/k HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc`,
      `POST /set/k HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n-1\r\nabc`,
      `POST /set/k HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n`,
      "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
      "\0".repeat(1000),
      "x".repeat(100_000),
    ];
    for (const text of raw) {
      const received = await sendRaw(server.port, text);
      assert(
        !/ 50[0-4] |at .*\.ts:\d|node_modules/.test(received),
        `${JSON.stringify(text.slice(0, 100))}: ${received}`,
      );
      const answer = await fetch(`http://127.0.0.1:${server.port}/ping?_token=${TOKEN}`);
      assertEquals(await answer.text(), '{"result":"PONG"}');
    }
    assertEquals(errors, []);
    assertEquals(store.sync.exists("smuggled"), false);
  } finally {
    await server.close();
  }
});

const STATUSES = [200, 400, 401, 405, 413];

/** Something like a request. */
function drawRequest(random: Random): [path: string, init: RequestInit] {
  const words = [
    ...COMMANDS.keys(),
    "pipeline",
    "multi-exec",
    "health",
    "metrics",
    "k",
    "0",
    "-1",
    "withscores",
    "__proto__",
  ];
  const piece = () =>
    random.pick([
      () => random.pick(words),
      () => encodeURIComponent(random.pick(words)),
      () => Array.from(random.bytes(random.below(8)), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
      () => random.pick(["", "..", ".", "%", "%2", "%zz", "%2f", "a=b", "&", ";", "*", "'", '"', "\\", "{}", "[]"]),
    ])();
  const path = `/${Array.from({ length: random.below(5) }, piece).join("/")}`;
  const query = random.below(3) === 0
    ? `?${Array.from({ length: random.below(4) }, piece).join(random.pick(["&", "="]))}`
    : "";
  const json = () =>
    JSON.stringify(
      Array.from({ length: random.below(4) }, () => random.pick<unknown>([...words, 1, null, true, ["get", "k"], {}])),
    );
  const body = random.pick([
    () => json(),
    () => `[${json()},${json()}]`,
    () => random.bytes(random.below(50)),
    () => json().slice(0, -1),
  ])();
  const headers = random.pick([
    {},
    { "upstash-encoding": "base64" },
    { "upstash-response-format": random.pick(["resp2", "json", "x"]) },
    { authorization: random.pick(["", "Bearer", "x"]) },
  ]) as Record<string, string>;
  const method = random.pick(["GET", "HEAD", "POST", "POST", "POST", "PUT", "DELETE"]);
  return [
    path + query,
    method === "GET" || method === "HEAD" ? { method, headers } : { ...post(body, headers), method },
  ];
}

test("whatever a request says, it is answered, and so is the next", () =>
  seeded(async (random) => {
    await using store = new MemoryStore({ maxSize: "64MB" });
    const failures: unknown[] = [];
    const ask: Ask = askOf(store, {
      maxBodySize: "1KB",
      maxPipelineLength: 5,
      onError: (error) => failures.push(error),
    } as Partial<FerriteAppOptions>);
    for (let i = 0; i < 5000; i++) {
      const [path, init] = drawRequest(random);
      const answer = await ask(path, init);
      const request = `${init.method} ${path} ${String(init.body)} ${
        JSON.stringify(init.headers)
      }: ${answer.status} ${answer.text}`;
      assert(STATUSES.includes(answer.status), request);
      const isJson = answer.headers.get("content-type") === "application/json";
      if (isJson && init.method !== "HEAD") JSON.parse(answer.text);
      assertEquals(failures, [], request);
    }
    assertEquals((await ask("/ping")).text, '{"result":"PONG"}');
  }));
