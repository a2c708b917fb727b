// Connections that break, with the runtime's own fetch.

import { assert, assertEquals } from "@std/assert";
import type { Socket } from "node:net";
import { type ObjectStorage, RequestError, s3 } from "@ferrite/storage/cloud";
import { textOf } from "./support/bytes.ts";
import { ACCOUNT } from "./support/cloud/fake_s3.ts";
import { rawServer } from "./support/cloud/raw_server.ts";
import { failureOf } from "./support/cloud/scripted_answers.ts";
import { test } from "./support/harness.ts";

const BODY = new Uint8Array(100_000);

async function withServer(
  answer: (socket: Socket, request: string) => void,
  run: (bucket: ObjectStorage) => Promise<void>,
): Promise<void> {
  const server = await rawServer(answer);
  try {
    await run(s3({ bucket: "ferrite", endpoint: server.endpoint, credentials: ACCOUNT }));
  } finally {
    await server.close();
  }
}

/** Writes may have taken place, and reads have not. */
async function assertUnanswered(bucket: ObjectStorage, signal?: () => AbortSignal): Promise<void> {
  const calls: [boolean, () => Promise<unknown>][] = [
    [true, () => bucket.put("k", BODY, { ifAbsent: true }, { signal: signal?.() })],
    [true, () => bucket.delete("k", null, { signal: signal?.() })],
    [false, () => bucket.get("k", { signal: signal?.() })],
    [false, () => bucket.list("k", { signal: signal?.() })],
  ];
  for (const [mayHaveHappened, call] of calls) {
    const failure = await failureOf(call);
    assertEquals([failure.isTransient, failure.mayHaveHappened, failure.status], [true, mayHaveHappened, undefined]);
    assert(failure.cause !== undefined && failure.message.length < 300, failure.message);
  }
}

test("a connection that breaks before there is an answer", () =>
  withServer((socket) => socket.destroy(), (bucket) => assertUnanswered(bucket)));

test("a connection that ends in the middle of the head of an answer", () =>
  withServer((socket) => socket.end("HTTP/1.1 200 OK\r\nETag: "), (bucket) => assertUnanswered(bucket)));

test("what is no HTTP", () =>
  withServer((socket) => socket.end("hello\r\n\r\n"), (bucket) => assertUnanswered(bucket)));

test("a server that never answers is given up with the signal", () =>
  withServer(() => {}, async (bucket) => {
    await assertUnanswered(bucket, () => AbortSignal.timeout(30));
    const { message } = await failureOf(() => bucket.get("k", { signal: AbortSignal.timeout(30) }));
    assert(message.includes("not answered in time"), message);
  }));

test("a server that is not there", async () => {
  const server = await rawServer(() => {});
  await server.close();
  await assertUnanswered(s3({ bucket: "ferrite", endpoint: server.endpoint, credentials: ACCOUNT }));
});

for (const framing of ["Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n5\r\nhalf"]) {
  const [name] = framing.split(":");
  test(`a connection that breaks within an answer with ${name}: what was read is not used, what was written is`, () =>
    withServer((socket) => socket.end(`HTTP/1.1 200 OK\r\nETag: "1"\r\n${framing}`), async (bucket) => {
      for (const call of [() => bucket.get("k"), () => bucket.list("k")]) {
        const failure = await failureOf(call);
        assertEquals([failure.isTransient, failure.mayHaveHappened], [true, false]);
      }
      assertEquals(await bucket.put("k", BODY, { ifAbsent: true }), '"1"');
      assertEquals(await bucket.delete("k", null), true);
    }));

  test(`a connection that breaks within an error with ${name}: whether it was written is not known`, () =>
    withServer((socket) => socket.end(`HTTP/1.1 412 Precondition Failed\r\n${framing}`), async (bucket) => {
      const failure = await failureOf(() => bucket.put("k", BODY, { ifAbsent: true }));
      assertEquals([failure.isTransient, failure.mayHaveHappened], [true, true]);
    }));
}

test("what is asked and answered arrives as it was sent, connection after connection", () => {
  let answers = 0;
  return withServer((socket, request) => {
    assert(request.startsWith("PUT /ferrite/k/a:b~2f HTTP/1.1") || request.startsWith("GET "), request.slice(0, 60));
    assert(!/^content-type:/im.test(request.slice(0, request.indexOf("\r\n\r\n"))), "nobody has signed a content type");
    const close = ++answers % 2 === 0 ? "Connection: close\r\n" : "";
    socket.write(`HTTP/1.1 200 OK\r\nETag: "1"\r\n${close}Content-Length: 2\r\n\r\nok`);
    if (close !== "") socket.end();
  }, async (bucket) => {
    for (let i = 0; i < 6; i++) {
      assertEquals(await bucket.put("k/a:b~2f", BODY, null), '"1"');
      const object = await bucket.get("k/a:b~2f");
      assert(object !== null && object !== "unchanged");
      assertEquals(textOf(object.body), "ok");
    }
  });
});

test("a redirect is not followed", () => {
  let requests = 0;
  return withServer((socket) => {
    requests++;
    socket.end(
      "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
  }, async (bucket) => {
    const outcome = await bucket.put("k", BODY, null).catch((error: unknown) => error);
    assert(outcome instanceof Error && !(outcome instanceof RequestError), String(outcome));
    assertEquals([(outcome as { code?: string }).code, requests], ["CONFIG", 1]);
  });
});
