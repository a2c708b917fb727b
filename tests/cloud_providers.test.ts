// What each provider asks, and what it makes of every answer that is documented.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StorageError } from "@ferrite/storage";
import { azure, gcs, memoryObjects, type ObjectStorage, s3 } from "@ferrite/storage/cloud";
import { FakeGcs } from "./support/cloud/fake_gcs.ts";
import { ACCOUNT, FakeS3 } from "./support/cloud/fake_s3.ts";
import { checkOutcomes } from "./support/cloud/outcomes.ts";
import { type Answer, error, failureOf, PROVIDERS, scripted } from "./support/cloud/scripted_answers.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const BODY = new Uint8Array([1]);

const BUCKETS: Record<string, () => ObjectStorage> = {
  "in memory": memoryObjects,
  "of Google Cloud Storage": () => PROVIDERS.gcs(new FakeGcs().fetch),
  "of AWS, in front of the host": () => PROVIDERS.s3(new FakeS3().fetch),
  "of AWS, in the path": () =>
    s3({ bucket: "ferrite", credentials: ACCOUNT, pathStyle: true, fetch: new FakeS3().fetch }),
  "of AWS, with dots in its name": () =>
    s3({ bucket: "a.b", credentials: ACCOUNT, fetch: new FakeS3({ bucket: "a.b" }).fetch }),
  "of AWS in China": () => {
    const { fetch } = new FakeS3({ host: "s3.cn-north-1.amazonaws.com.cn", region: "cn-north-1" });
    return s3({ bucket: "ferrite", region: "cn-north-1", credentials: ACCOUNT, fetch });
  },
  "of a server with a port": () => {
    const { fetch } = new FakeS3({ host: "127.0.0.1:7480", region: "eu" });
    return s3({ bucket: "ferrite", region: "eu", endpoint: "http://127.0.0.1:7480/", credentials: ACCOUNT, fetch });
  },
};

for (const [name, open] of Object.entries(BUCKETS)) {
  test(`a bucket ${name} reads, writes and deletes as conditions say, and lists in order`, () => checkOutcomes(open()));
}

/** A status, and its body; for Azure the code in the header that it has. */
type Case = readonly [status: number, code?: string];

function answerOf([status, code]: Case, provider: string): Answer {
  if (code === undefined) return [status];
  return [status, provider === "azure" ? { "x-ms-error-code": code } : {}, error(code)];
}

for (const [provider, open] of Object.entries(PROVIDERS)) {
  const missing = provider === "azure" ? "BlobNotFound" : "NoSuchKey";
  const failed = provider === "azure" ? "ConditionNotMet" : "PreconditionFailed";
  const answered = (given: Case) => open(scripted(answerOf(given, provider)).fetch);

  test(`${provider}: what says how things are is no error`, async () => {
    assertEquals(await answered([404, missing]).get("k"), null);
    assertEquals(await answered([304]).get("k", { unlessVersion: '1 "1"' }), "unchanged");
    assertEquals(await answered([412, failed]).put("k", BODY, { ifAbsent: true }), null);
    assertEquals(await answered([412, failed]).put("k", BODY, { ifVersion: "1" }), null);
    assertEquals(await answered([404, missing]).put("k", BODY, { ifVersion: "1" }), null);
    assertEquals(await answered([412, failed]).delete("k", { ifVersion: "1" }), false);
    assertEquals(await answered([404, missing]).delete("k", { ifVersion: "1" }), false);
    assertEquals(await answered([404, missing]).delete("k", null), true);
    const conflict = provider === "azure" ? "BlobAlreadyExists" : "ConditionalRequestConflict";
    assertEquals(await answered([409, conflict]).put("k", BODY, { ifAbsent: true }), null);
  });

  test(`${provider}: the same where nobody has asked for it is an error`, async () => {
    const calls: [Case, (bucket: ObjectStorage) => Promise<unknown>][] = [
      [[412, failed], (bucket) => bucket.get("k")],
      [[409, "Whatever"], (bucket) => bucket.get("k", { unlessVersion: "1" })],
      [[412, failed], (bucket) => bucket.put("k", BODY, null)],
      [[404, missing], (bucket) => bucket.put("k", BODY, null)],
      [[404, missing], (bucket) => bucket.put("k", BODY, { ifAbsent: true })],
      [[412, failed], (bucket) => bucket.delete("k", null)],
      [[404, missing], (bucket) => bucket.list("k")],
      [[404], (bucket) => bucket.get("k")], // of a proxy: a bucket gives a code
      [[404], (bucket) => bucket.put("k", BODY, { ifVersion: "1" })],
    ];
    for (const [given, call] of calls) {
      const { status, isTransient, mayHaveHappened } = await failureOf(() => call(answered(given)));
      assertEquals([status, isTransient, mayHaveHappened], [given[0], false, false], given.join(" "));
    }
  });

  test(`${provider}: failures say whether to try again, and whether a write may have taken place`, async () => {
    const cases: [Case, isTransient: boolean, mayHaveHappened: boolean][] = [
      [[400, "InvalidArgument"], false, false],
      [[400, "RequestTimeout"], true, false],
      [[401, "Unauthorized"], false, false],
      [[403, "AccessDenied"], false, false],
      [[403], false, false],
      [[405], false, false],
      [[408], true, true],
      [[409, "OperationAborted"], true, false],
      [[413, "EntityTooLarge"], false, false],
      [[429, "TooManyRequests"], true, false],
      [[500, "InternalError"], true, true],
      [[501, "NotImplemented"], false, false],
      [[503, "SlowDown"], true, true],
      [[504], true, true],
      [[599], true, true],
    ];
    for (const [given, isTransient, mayHaveHappened] of cases) {
      const put = await failureOf(() => answered(given).put("k", BODY, null));
      assertEquals([put.isTransient, put.mayHaveHappened], [isTransient, mayHaveHappened], `put ${given}`);
      const deleted = await failureOf(() => answered(given).delete("k", null));
      assertEquals([deleted.isTransient, deleted.mayHaveHappened], [isTransient, mayHaveHappened], `delete ${given}`);
      for (
        const read of [
          await failureOf(() => answered(given).get("k")),
          await failureOf(() => answered(given).list("k")),
        ]
      ) {
        assertEquals([read.isTransient, read.mayHaveHappened, read.status], [isTransient, false, given[0]], `${given}`);
      }
      assert(put.message.includes(`status ${given[0]}`), put.message);
      if (given[1]) assert(put.message.includes(given[1]), put.message);
    }
  });

  test(`${provider}: a bucket that is not there, or elsewhere, is CONFIG, and no redirect is followed`, async () => {
    const code = provider === "azure" ? "ContainerNotFound" : "NoSuchBucket";
    for (const given of [[404, code], [301, "PermanentRedirect"], [302], [307, "TemporaryRedirect"], [308]] as Case[]) {
      const calls = [
        (bucket: ObjectStorage) => bucket.get("k"),
        (bucket: ObjectStorage) => bucket.put("k", BODY, null),
        (bucket: ObjectStorage) => bucket.delete("k", null),
        (bucket: ObjectStorage) => bucket.list(""),
      ];
      for (const call of calls) {
        await assertFails(() => call(answered(given)), "CONFIG", given[0] === 404 ? code : "elsewhere");
      }
    }
  });

  test(`${provider}: Retry-After is seconds, or a date`, async () => {
    const wait = async (value: string) =>
      (await failureOf(() => open(scripted([503, { "retry-after": value }]).fetch).get("k"))).retryAfterMs;
    assertEquals([await wait("0"), await wait("7")], [0, 7000]);
    const ms = (await wait(new Date(Date.now() + 20_000).toUTCString()))!;
    assert(ms > 15_000 && ms <= 20_000, `${ms}`);
    assertEquals(await wait("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
    assertEquals(await wait("soon"), undefined);
  });

  test(`${provider}: what is no list, and half of one, are no empty list`, async () => {
    const root = provider === "azure" ? "EnumerationResults" : "ListBucketResult";
    for (const body of ["", "<html>Log in</html>", `<${root}><Blobs><Blob>`, `<${root}>`]) {
      const { isTransient, mayHaveHappened } = await failureOf(() => open(scripted([200, {}, body]).fetch).list(""));
      assertEquals([isTransient, mayHaveHappened], [true, false], body);
    }
  });

  test(`${provider}: an answer that is shorter than it says is not taken for a whole one`, async () => {
    const headers = { etag: '"1"', "x-goog-generation": "1", "content-length": "100" };
    assertEquals((await failureOf(() => open(scripted([200, headers, "half"]).fetch).get("k"))).isTransient, true);
  });

  test(`${provider}: an object without a version is UNSUPPORTED`, async () => {
    await assertFails(() => open(scripted([200, {}, "x"]).fetch).get("k"), "UNSUPPORTED", "versions");
    const written = () => open(scripted([200, {}, ""]).fetch).put("k", new Uint8Array(1), null);
    const { code, outcome } = await assertRejects(written, StorageError);
    assertEquals([code, outcome], ["UNSUPPORTED", "unknown"]);
  });

  test(`${provider}: objects are written such that nobody keeps them on their way`, async () => {
    const { fetch, requests } = scripted([200, { etag: '"1"', "x-goog-generation": "1" }]);
    await open(fetch).put("k", BODY, null);
    const [{ headers }] = requests;
    assertEquals(headers.get("cache-control") ?? headers.get("x-ms-blob-cache-control"), "no-store");
    assertEquals(headers.get("content-type"), null);
  });
}

test("s3: where a bucket is", async () => {
  const cases: [Partial<Parameters<typeof s3>[0]>, string][] = [
    [{}, "https://ferrite.s3.us-east-1.amazonaws.com/k"],
    [{ region: "eu-west-1" }, "https://ferrite.s3.eu-west-1.amazonaws.com/k"],
    [{ region: "cn-north-1" }, "https://ferrite.s3.cn-north-1.amazonaws.com.cn/k"],
    [{ bucket: "a.b" }, "https://s3.us-east-1.amazonaws.com/a.b/k"], // AWS's certificate is good for one name
    [{ bucket: "a.b", pathStyle: false }, "https://a.b.s3.us-east-1.amazonaws.com/k"],
    [{ endpoint: "http://[::1]:9000/" }, "http://[::1]:9000/ferrite/k"],
    [{ endpoint: "https://x.example/s3/" }, "https://x.example/s3/ferrite/k"],
    [{ endpoint: "https://x.example", pathStyle: false }, "https://ferrite.x.example/k"],
  ];
  for (const [options, url] of cases) {
    const { fetch, requests } = scripted([200, { etag: '"1"' }]);
    await s3({ bucket: "ferrite", credentials: ACCOUNT, fetch, ...options }).put("k", BODY, null);
    assertEquals(requests[0].url.href, url);
  }
});

test("s3: a weak tag, as a proxy that compresses makes it, is as good as it was", async () => {
  const { fetch, requests } = scripted([200, { etag: 'W/"1"' }, "x"], [200, { etag: '"2"' }]);
  const bucket = PROVIDERS.s3(fetch);
  const object = await bucket.get("k");
  assert(object !== null && object !== "unchanged");
  await bucket.put("k", BODY, { ifVersion: object.version });
  assertEquals(requests[1].headers.get("if-match"), '"1"');
});

test("lists go on by the server's token, or by the last name, whatever is in it", async () => {
  const list = (rest: string) =>
    `<ListBucketResult><Contents><Key>k/a&amp;b &#x9;&#233;</Key><Size>3</Size></Contents>${rest}</ListBucketResult>`;
  const truncated = "<IsTruncated>true</IsTruncated>";
  for (const open of [PROVIDERS.s3, PROVIDERS.gcs]) {
    for (const token of ["", "<NextContinuationToken>a+/=&amp;</NextContinuationToken>"]) {
      const { fetch, requests } = scripted([200, {}, list(truncated + token)]);
      const bucket = open(fetch);
      const { objects, cursor } = await bucket.list("k/");
      assertEquals(objects, [{ name: "k/a&b \té", size: 3 }]);
      await bucket.list("k/", { cursor });
      const { searchParams } = requests[1].url;
      assertEquals(
        [searchParams.get("continuation-token"), searchParams.get("start-after")],
        token === "" ? [null, "k/a&b \té"] : ["a+/=&", null],
      );
    }
    const empty = scripted([200, {}, `<ListBucketResult>${truncated}</ListBucketResult>`]);
    await assertFails(() => open(empty.fetch).list("k/"), "UNSUPPORTED", "go on");
  }
});

test("a list that is truncated and has nothing to show goes on", async () => {
  const token = "<NextContinuationToken>t</NextContinuationToken><IsTruncated>true</IsTruncated>";
  const { fetch } = scripted([200, {}, `<ListBucketResult>${token}</ListBucketResult>`]);
  const { objects, cursor } = await PROVIDERS.s3(fetch).list("");
  assertEquals([objects.length, cursor !== null], [0, true]);
});

test("options that make no sense are CONFIG when the bucket is made", () => {
  const wrong: (() => unknown)[] = [
    () => s3({ bucket: "", credentials: ACCOUNT }),
    () => s3({ bucket: "a/b", credentials: ACCOUNT }),
    () => s3({ bucket: undefined as never, credentials: ACCOUNT }),
    () => s3({ bucket: "ferrite", credentials: undefined as never }),
    () => s3({ bucket: "ferrite", credentials: ACCOUNT, endpoint: "play.example" }),
    () => s3({ bucket: "ferrite", credentials: ACCOUNT, endpoint: "ftp://play.example" }),
    () => gcs({ bucket: "a b", credentials: { token: "t" } }),
    () => gcs({ bucket: "ferrite", credentials: null as never }),
    () => azure({ account: "a.b", container: "ferrite", credentials: { sas: "sig=1" } }),
    () => azure({ account: "acme", container: "", credentials: { sas: "sig=1" } }),
  ];
  for (const run of wrong) assertFailsSync(run, "CONFIG", "Cannot use");
});
