// What a server of S3 honours is found out before the first write.

import { assertEquals } from "@std/assert";
import { CloudStore, s3 } from "@ferrite/storage/cloud";
import { textOf } from "./support/bytes.ts";
import { ACCOUNT, FakeS3, type FakeS3Options } from "./support/cloud/fake_s3.ts";
import { failureOf } from "./support/cloud/scripted_answers.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

function open(options: FakeS3Options) {
  const server = new FakeS3({ host: "s3.example", ...options });
  const endpoint = "https://s3.example";
  return { server, bucket: s3({ bucket: "ferrite", endpoint, credentials: ACCOUNT, fetch: server.fetch }), endpoint };
}

const SERVERS: [name: string, options: FakeS3Options, conditionalDelete: boolean][] = [
  ["that honours all conditions", {}, true],
  ["that ignores conditions on deletes", { ignoresConditionalDeletes: true }, false],
  ["that wants tags without quotes", { wantsBareTags: true }, true],
  ["with both quirks", { wantsBareTags: true, ignoresConditionalDeletes: true }, false],
];

for (const [name, options, conditionalDelete] of SERVERS) {
  test(`a server ${name} is found out, and can be used`, async () => {
    const { server, bucket } = open(options);
    assertEquals(await bucket.probe!("probe/"), { conditionalDelete });
    assertEquals(server.shelf.list("", "", 10).entries, []);
    const version = (await bucket.put("k", new Uint8Array(1), { ifAbsent: true }))!;
    assertEquals(await bucket.get("k", { unlessVersion: version }), "unchanged");
    assertEquals(await bucket.put("k", new Uint8Array(2), { ifVersion: '"0"' }), null);
    assertEquals(await bucket.put("k", new Uint8Array(2), { ifVersion: version }) === null, false);
    assertEquals(await bucket.probe!("probe/"), { conditionalDelete }, "a second time");
  });
}

for (const conditions of ["ignored", "not implemented"] as const) {
  test(`a server on which conditions are ${conditions} is refused at the first write, and can be read`, async () => {
    const { server, bucket } = open({ conditions });
    await using store = new CloudStore({ storage: bucket });
    assertEquals(await store.get("k"), null);
    await assertFails(() => store.set("k", "v"), "UNSUPPORTED", "If-Match");
    await assertFails(() => store.clear(), "UNSUPPORTED", "If-Match");
    assertEquals(server.shelf.list("", "", 10).entries, []);
  });
}

test("a request that the runtime sends twice, unasked, while a server is found out, changes nothing", async () => {
  for (let twice = 1; twice <= 6; twice++) {
    const { server, endpoint } = open({});
    let requests = 0;
    const fetch: typeof server.fetch = async (input, init) => {
      if (++requests === twice) await server.fetch(input, init);
      return await server.fetch(input, init);
    };
    const bucket = s3({ bucket: "ferrite", endpoint, credentials: ACCOUNT, fetch });
    assertEquals(await bucket.probe!("probe/"), { conditionalDelete: true }, `request ${twice}`);
    await using store = new CloudStore({ storage: bucket });
    assertEquals([await store.set("k", "v"), await store.incrBy("n"), await store.incrBy("n")], [true, 1, 2]);
    assertEquals(server.shelf.list("probe/", "", 10).entries, []);
  }
});

test("stores over one bucket find it out once", async () => {
  const { server, bucket } = open({});
  for (const sum of [1, 2, 3]) {
    const requests = server.log.length;
    await using store = new CloudStore({ storage: bucket });
    assertEquals(await store.incrBy("n"), sum);
    assertEquals(server.log.length - requests, sum === 1 ? 8 : 2, `${server.log}`);
  }
});

test("who may not delete can use a store all the same", async () => {
  const { server, endpoint } = open({});
  const fetch: typeof server.fetch = async (input, init) =>
    init.method === "DELETE" ? new Response("", { status: 403 }) : await server.fetch(input, init);
  const bucket = s3({ bucket: "ferrite", endpoint, credentials: ACCOUNT, fetch });
  assertEquals(await bucket.probe!("probe/"), { conditionalDelete: false });
  await using store = new CloudStore({ storage: bucket });
  await store.set("k", "v");
  assertEquals([await store.del("k"), textOf(await store.get("k"))], [true, null]);
});

test("a server that fails while it is asked is not taken for one that ignores conditions", async () => {
  const { server, endpoint } = open({});
  let requests = 0;
  const fetch: typeof server.fetch = async (input, init) =>
    ++requests === 3 ? new Response("", { status: 503 }) : await server.fetch(input, init);
  const bucket = s3({ bucket: "ferrite", endpoint, credentials: ACCOUNT, fetch });
  assertEquals((await failureOf(() => bucket.probe!("probe/"))).isTransient, true);
  assertEquals(await bucket.probe!("probe/"), { conditionalDelete: true });
});

test("AWS is known, and not asked", () => {
  assertEquals(s3({ bucket: "ferrite", credentials: ACCOUNT }).probe, undefined);
});
