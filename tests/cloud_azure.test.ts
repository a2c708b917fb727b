// How Azure is asked; tests/servers has a server that answers.

import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { azure, type AzureCredentials } from "@ferrite/storage/cloud";
import { ACCOUNT_KEY, failureOf, PROVIDERS, scripted } from "./support/cloud/scripted_answers.ts";
import { assertFails } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const BODY = new Uint8Array([1, 2]);
const WRITTEN = [201, { etag: '"0x8D"' }] as const;

function open(credentials: AzureCredentials, answers: Parameters<typeof scripted> = [WRITTEN]) {
  const { fetch, requests } = scripted(...answers);
  return { bucket: azure({ account: "acme", container: "ferrite", credentials, fetch }), requests };
}

/** As "Authorize with Shared Key" has it. */
function signatureOf(lines: string[]): string {
  const key = Uint8Array.from(atob(ACCOUNT_KEY), (character) => character.charCodeAt(0));
  return `SharedKey acme:${createHmac("sha256", key).update(lines.join("\n")).digest("base64")}`;
}

test("azure: a write is signed with the key of the account, its condition included", async () => {
  const { bucket, requests: [request] } = await asked((bucket) =>
    bucket.put("k/a:b~2f", BODY, { ifVersion: '"0x8C"' })
  );
  assertEquals(bucket.provider, "azure");
  assertEquals(request.url.href, "https://acme.blob.core.windows.net/ferrite/k/a:b~2f");
  const date = request.headers.get("x-ms-date")!;
  const expected = signatureOf([
    "PUT\n\n\n2\n\n\n\n",
    '"0x8C"',
    "\n\n",
    "x-ms-blob-cache-control:no-store",
    "x-ms-blob-type:BlockBlob",
    `x-ms-date:${date}`,
    "x-ms-version:2021-12-02",
    "/acme/ferrite/k/a:b~2f",
  ]);
  assertEquals(request.headers.get("authorization"), expected);
});

test("azure: a list is signed with its query", async () => {
  const list = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
  const { requests: [{ url, headers }] } = await asked(
    (bucket) => bucket.list("k/", { cursor: "2!x", limit: 5 }),
    list,
  );
  assertEquals(url.pathname, "/ferrite");
  const expected = signatureOf([
    "GET" + "\n".repeat(11),
    `x-ms-date:${headers.get("x-ms-date")}`,
    "x-ms-version:2021-12-02",
    "/acme/ferrite",
    "comp:list",
    "marker:2!x",
    "maxresults:5",
    "prefix:k/",
    "restype:container",
  ]);
  assertEquals(headers.get("authorization"), expected);
});

async function asked(call: (bucket: ReturnType<typeof azure>) => Promise<unknown>, body: string = "") {
  const all = open({ accountKey: ACCOUNT_KEY }, [[200, { etag: '"1"' }, body]]);
  await call(all.bucket);
  return all;
}

test("azure: a shared access signature is put into the query, with and without its question mark", async () => {
  for (const sas of ["sv=2021-12-02&sig=a%2Bb%3D", "?sv=2021-12-02&sig=a%2Bb%3D"]) {
    const { bucket, requests } = open({ sas });
    await bucket.put("k", BODY, { ifAbsent: true });
    assertEquals([...requests[0].url.searchParams], [["sv", "2021-12-02"], ["sig", "a+b="]]);
    assertEquals(requests[0].headers.get("authorization"), null);
    assertEquals(requests[0].headers.get("if-none-match"), "*");
  }
});

test("azure: a token of Entra is sent as it is", async () => {
  const { bucket, requests } = open({ token: "eyJ" });
  await bucket.put("k", BODY, null);
  assertEquals(requests[0].headers.get("authorization"), "Bearer eyJ");
});

test("azure: lists show blobs with their sizes, and where to go on", async () => {
  const blob = (name: string, size: number) =>
    `<Blob><Name>${name}</Name><Properties><Content-Length>${size}</Content-Length></Properties></Blob>`;
  const encoded = '<Blob><Name Encoded="true">%01</Name><Properties /></Blob>'; // not ours
  const xml = (rest: string) =>
    `<?xml version="1.0"?><EnumerationResults><Blobs>${blob("k/a", 7)}${encoded}${
      blob("k/b", 0)
    }</Blobs>${rest}</EnumerationResults>`;
  for (
    const [rest, cursor] of [["<NextMarker>2!8</NextMarker>", "2!8"], ["<NextMarker />", null], ["", null]] as const
  ) {
    const { fetch } = scripted([200, {}, xml(rest)]);
    const objects = [{ name: "k/a", size: 7 }, { name: "k/b", size: 0 }];
    assertEquals(await PROVIDERS.azure(fetch).list("k/"), { objects, cursor });
  }
});

test("azure: statuses that elsewhere are lost races are not, with another code", async () => {
  const cases: [number, string][] = [
    [412, "LeaseIdMissing"],
    [409, "InvalidBlobType"],
    [409, "ContainerBeingDeleted"],
    [409, "BlobImmutableDueToPolicy"],
    [404, "ResourceNotFound"],
  ];
  for (const [status, code] of cases) {
    const { fetch } = scripted([status, { "x-ms-error-code": code }]);
    const failure = await failureOf(() => PROVIDERS.azure(fetch).put("k", BODY, { ifVersion: '"1"' }));
    assertEquals([failure.status, failure.isTransient], [status, false], code);
  }
});

test("azure: a key of the account that is not Base64 is CONFIG", async () => {
  const { bucket } = open({ accountKey: "ä" });
  await assertFails(() => bucket.get("k"), "CONFIG", "accountKey");
});
