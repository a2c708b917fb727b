// Credentials that expire, and clocks that are wrong.

import { assert, assertEquals } from "@std/assert";
import { azure, CloudStore, gcs, type ObjectStorage, s3 } from "@ferrite/storage/cloud";
import { StorageError } from "@ferrite/storage";
import { sleep, textOf } from "./support/bytes.ts";
import { FakeGcs } from "./support/cloud/fake_gcs.ts";
import { ACCOUNT, FakeS3 } from "./support/cloud/fake_s3.ts";
import { failureOf, scripted } from "./support/cloud/scripted_answers.ts";
import type { Account } from "./support/cloud/signature_v4.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const HOUR_MS = 3_600_000;
const BODY = new Uint8Array([1]);

/** An account of the n-th session. */
function session(n: number, expiresAt?: number): Account {
  return { accessKeyId: `ASIA${n}`, secretAccessKey: `secret ${n}`, sessionToken: `session/${n}==`, expiresAt };
}

/** Puts ten objects at a time until all are there, and tells what went wrong on the way. */
async function putTen(bucket: ObjectStorage): Promise<{ failures: number }> {
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => bucket.put(`k${i}`, BODY, null)));
  for (const result of results) {
    if (result.status === "rejected") assertEquals(result.reason.failure.isTransient, true, result.reason.message);
  }
  return { failures: results.filter(({ status }) => status === "rejected").length };
}

test("s3: keys of a session are sent with its token", async () => {
  const { fetch } = new FakeS3({ accounts: [session(1)] });
  assert(await s3({ bucket: "ferrite", credentials: session(1), fetch }).put("k", BODY, null) !== null);
  const { sessionToken: _, ...keys } = session(1);
  const failure = await failureOf(() => s3({ bucket: "ferrite", credentials: keys, fetch }).put("k", BODY, null));
  assertEquals([failure.status, failure.isTransient], [400, false]);
});

test("s3: what is wrong with keys is said, and not tried again", async () => {
  const { fetch } = new FakeS3();
  const cases: [Partial<Account>, string][] = [
    [{ accessKeyId: "AKIAOTHER" }, "InvalidAccessKeyId"],
    [{ secretAccessKey: "other" }, "SignatureDoesNotMatch"],
  ];
  for (const [wrong, code] of cases) {
    const bucket = s3({ bucket: "ferrite", credentials: { ...ACCOUNT, ...wrong }, fetch });
    const { isTransient, message } = await failureOf(() => bucket.get("k"));
    assert(!isTransient && message.includes(code), message);
  }
  const bucket = s3({
    bucket: "ferrite",
    region: "eu-west-1",
    credentials: ACCOUNT,
    fetch,
    endpoint: "https://s3.us-east-1.amazonaws.com",
  });
  const { isTransient, message } = await failureOf(() => bucket.get("k"));
  assert(!isTransient && message.includes("expecting 'us-east-1'"), message);
});

test("s3: a function is asked once for many requests, and once more when the server says that its keys have expired", async () => {
  const { fetch } = new FakeS3({ accounts: [session(1, Date.now() - 1000), session(2)] });
  let asked = 0;
  const credentials = async () => (await sleep(1), session(++asked));
  const bucket = s3({ bucket: "ferrite", credentials, fetch });
  assertEquals(await putTen(bucket), { failures: 10 });
  assertEquals(asked, 1);
  assertEquals(await putTen(bucket), { failures: 0 });
  assertEquals(asked, 2);
});

test("s3: keys that are given once and have expired are not tried again", async () => {
  const { fetch } = new FakeS3({ accounts: [session(1, Date.now() - 1000)] });
  const bucket = s3({ bucket: "ferrite", credentials: session(1), fetch });
  const { isTransient, message } = await failureOf(() => bucket.put("k", BODY, null));
  assert(!isTransient && message.includes("ExpiredToken"), message);
});

test("gcs: a function is asked again after 401, and a token given once is not", async () => {
  const server = new FakeGcs();
  server.tokens.clear();
  server.tokens.add("2");
  let asked = 0;
  const { fetch } = server;
  const bucket = gcs({ bucket: "ferrite", credentials: () => ({ token: String(++asked) }), fetch });
  assertEquals(await putTen(bucket), { failures: 10 });
  assertEquals(await putTen(bucket), { failures: 0 });
  assertEquals(asked, 2);
  const failure = await failureOf(() => gcs({ bucket: "ferrite", credentials: { token: "1" }, fetch }).get("k"));
  assertEquals([failure.status, failure.isTransient], [401, false]);
});

test("a refusal that comes late does not throw away the token that was got meanwhile", async () => {
  const server = new FakeGcs();
  server.tokens.clear();
  server.tokens.add("2");
  let asked = 0;
  let release = () => {};
  const late = new Promise<void>((resolve) => release = resolve);
  const bucket = gcs({
    bucket: "ferrite",
    credentials: () => ({ token: String(++asked) }),
    fetch: async (input, init) => {
      const answer = await server.fetch(input, init);
      if (input.endsWith("late")) await late;
      return answer;
    },
  });
  const first = failureOf(() => bucket.put("late", BODY, null));
  await failureOf(() => bucket.put("k", BODY, null));
  await bucket.put("k", BODY, null);
  release();
  assertEquals((await first).isTransient, true);
  await bucket.put("k", BODY, null);
  assertEquals(asked, 2);
});

test("azure: a function is asked again when the server no longer knows who asks, and not when something is forbidden", async () => {
  const cases: [number, string, boolean][] = [
    [401, "InvalidAuthenticationInfo", true],
    [403, "AuthenticationFailed", true],
    [403, "AuthorizationPermissionMismatch", false],
    [403, "InsufficientAccountPermissions", false],
  ];
  for (const [status, code, isAskedAgain] of cases) {
    let asked = 0;
    const { fetch } = scripted([status, { "x-ms-error-code": code }]);
    const credentials = () => ({ sas: `sig=${++asked}` });
    const bucket = azure({ account: "acme", container: "ferrite", credentials, fetch });
    for (let i = 0; i < 2; i++) {
      const failure = await failureOf(() => bucket.get("k"));
      assertEquals([failure.isTransient, failure.status], [isAskedAgain, status], code);
    }
    assertEquals(asked, isAskedAgain ? 2 : 1, code);
  }
});

test("a function is asked again a minute before what it gave expires, once for all who need it", async () => {
  const server = new FakeGcs();
  let asked = 0;
  const leftMs = [90_000, 59_000, HOUR_MS];
  const credentials = async () => {
    await sleep(1);
    return { token: "token", expiration: new Date(Date.now() + leftMs[asked++]) };
  };
  const bucket = gcs({ bucket: "ferrite", credentials, fetch: server.fetch });
  assertEquals([(await putTen(bucket)).failures, asked], [0, 1]);
  assertEquals([(await putTen(bucket)).failures, asked], [0, 1]);
  const now = Date.now;
  try {
    Date.now = () => now() + 31_000; // 59 s left
    assertEquals([(await putTen(bucket)).failures, asked], [0, 2]);
    assertEquals([(await putTen(bucket)).failures, asked], [0, 3]);
    assertEquals([(await putTen(bucket)).failures, asked], [0, 3]);
  } finally {
    Date.now = now;
  }
});

test("a function that fails is asked again by the next attempt, and its error is kept", async () => {
  const server = new FakeGcs();
  let asked = 0;
  const credentials = async () => {
    if (++asked === 1) throw new Error("the metadata server sleeps");
    return { token: "token" };
  };
  const open = () => gcs({ bucket: "ferrite", credentials, fetch: server.fetch });
  const bucket = open();
  const failure = await failureOf(() => bucket.put("k", BODY, null));
  assertEquals([failure.isTransient, failure.mayHaveHappened], [true, false]);
  assertEquals((failure.cause as Error).message, "the metadata server sleeps");
  assert(failure.message.startsWith("Cannot get credentials") && failure.message.includes("sleeps"), failure.message);
  assert(await bucket.put("k", BODY, null) !== null);
  asked = 0;
  await using store = new CloudStore({ storage: open() });
  await store.set("k", "v");
  assertEquals([asked, store.stats().retries], [2, 1]);
});

test("a function that refuses with an error of this package is not asked again", async () => {
  const credentials = () => {
    throw new StorageError("CONFIG", "Cannot read the key file: there is none");
  };
  const bucket = gcs({ bucket: "ferrite", credentials, fetch: new FakeGcs().fetch });
  await assertFails(() => bucket.get("k"), "CONFIG", "key file");
});

test("a function that never answers does not hold a request for longer than its time, and the next one asks it again", async () => {
  let asked = 0;
  const bucket = gcs({
    bucket: "ferrite",
    credentials: () => {
      asked++;
      return new Promise<never>(() => {});
    },
    fetch: new FakeGcs().fetch,
  });
  const aborted = new AbortController();
  setTimeout(() => aborted.abort(), 20);
  const failure = await failureOf(() => bucket.put("k", BODY, null, { signal: aborted.signal }));
  assertEquals([failure.isTransient, failure.mayHaveHappened], [true, false]);
  assertEquals(asked, 1);
  const signal = AbortSignal.abort();
  assertEquals((await failureOf(() => bucket.get("k", { signal }))).isTransient, true);
  assertEquals(asked, 2);
});

for (const [words, aheadMs] of [["ahead", HOUR_MS], ["behind", -HOUR_MS]] as const) {
  test(`s3: a clock of the server that is an hour ${words} is found out, by all who are refused at once`, async () => {
    const server = new FakeS3({ now: () => Date.now() + aheadMs });
    const bucket = s3({ bucket: "ferrite", credentials: ACCOUNT, fetch: server.fetch });
    assertEquals(await putTen(bucket), { failures: 10 });
    assertEquals(await putTen(bucket), { failures: 0 });
    await using store = new CloudStore({
      storage: s3({ bucket: "ferrite", credentials: ACCOUNT, fetch: server.fetch }),
    });
    await store.set("k", "v");
    assertEquals(textOf(await store.get("k")), "v");
    assertEquals(store.stats().retries, 1);
  });
}

test("azure: the clock of the server is found out by the date of a refusal", async () => {
  const date = new Date(Date.now() + HOUR_MS).toUTCString();
  const { fetch, requests } = scripted([403, { date, "x-ms-error-code": "AuthenticationFailed" }]);
  const bucket = azure({ account: "acme", container: "ferrite", credentials: { accountKey: "AAAA" }, fetch });
  assertEquals((await failureOf(() => bucket.get("k"))).isTransient, true);
  assertEquals((await failureOf(() => bucket.get("k"))).isTransient, false);
  const ahead = Date.parse(requests[1].headers.get("x-ms-date")!) - Date.now();
  assert(Math.abs(ahead - HOUR_MS) < 10_000, `${ahead}`);
});

test("a refusal that shows no date, as in a browser, is not tried again", async () => {
  const { fetch } = scripted([403]);
  const bucket = s3({ bucket: "ferrite", credentials: ACCOUNT, fetch });
  assertEquals((await failureOf(() => bucket.get("k"))).isTransient, false);
});
