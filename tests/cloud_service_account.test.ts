import { assert, assertEquals } from "@std/assert";
import { gcs, serviceAccount, StorageError, type StoredObject } from "@ferrite/storage/cloud";
import { FakeGcs } from "./support/cloud/fake_gcs.ts";
import { test } from "./support/harness.ts";

const ACCOUNT = "app@project.iam.gserviceaccount.com";
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** A key, and what a key file has of it. */
async function newKey(): Promise<{ publicKey: CryptoKey; pem: string }> {
  const size = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ ...RSA, ...size }, true, ["sign", "verify"]);
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g)!;
  return { publicKey, pem: ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n") };
}

function decode(part: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

const json = (part: string) => JSON.parse(new TextDecoder().decode(decode(part)));

/** What Google's server would check of a request for a token; the claims it makes. */
async function checkRequest(url: string, init: RequestInit, publicKey: CryptoKey): Promise<Record<string, unknown>> {
  assertEquals([url, init.method], ["https://oauth2.googleapis.com/token", "POST"]);
  const form = new URLSearchParams(init.body as string);
  assertEquals(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [header, claims, signature] = form.get("assertion")!.split(".");
  assertEquals(json(header), { alg: "RS256", typ: "JWT" });
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  assert(await crypto.subtle.verify(RSA, publicKey, decode(signature), signed), "the signature is wrong");
  return json(claims);
}

test("a service account states who it is, signed, and its token opens the bucket until it expires", async () => {
  const { publicKey, pem } = await newKey();
  const server = new FakeGcs();
  server.tokens.clear();
  let asked = 0;
  const fetch = async (url: string, init: RequestInit) => {
    const { iss, aud, scope, iat, exp } = await checkRequest(url, init, publicKey);
    assertEquals([iss, aud], [ACCOUNT, "https://oauth2.googleapis.com/token"]);
    assertEquals(scope, "https://www.googleapis.com/auth/devstorage.read_write");
    assert(Math.abs(Number(iat) - Date.now() / 1000) < 60 && Number(exp) === Number(iat) + 3600, `${iat} to ${exp}`);
    const token = `token ${++asked}`;
    server.tokens.clear();
    server.tokens.add(token);
    // The first is about to expire.
    return Response.json({ access_token: token, expires_in: asked === 1 ? 1 : 3600, token_type: "Bearer" });
  };
  const credentials = serviceAccount({ clientEmail: ACCOUNT, privateKey: pem }, fetch);
  const bucket = gcs({ bucket: "ferrite", credentials, fetch: server.fetch });
  const version = await bucket.put("name", new Uint8Array([1, 2, 3]), { ifAbsent: true });
  assert(version !== null);
  assertEquals((await bucket.get("name") as StoredObject).body, new Uint8Array([1, 2, 3]));
  await bucket.get("name");
  assertEquals(asked, 2);
});

test("a key that is none, and an account that is refused, are CONFIG; a server that fails is tried again", async () => {
  const { pem } = await newKey();
  const failureOf = async (privateKey: string, fetch: () => Promise<Response>) => {
    try {
      await serviceAccount({ clientEmail: ACCOUNT, privateKey }, fetch)();
    } catch (error) {
      assert(error instanceof StorageError);
      const { failure } = error as { failure?: { isTransient: boolean } };
      return [error.code, failure?.isTransient, error.message] as const;
    }
    throw new Error("it got a token");
  };
  const never = () => Promise.reject(new Error("nobody must ask"));
  for (const wrong of ["", "secret", pem.replace("PRIVATE", "PUBLIC"), pem.replace(/\n.{30}/, "\n")]) {
    const [code, , message] = await failureOf(wrong, never);
    assertEquals(code, "CONFIG");
    assert(message.includes(ACCOUNT) && message.includes("PEM") && !message.includes(wrong || "never"), message);
  }
  const answer = (status: number, body: unknown) => () => Promise.resolve(Response.json(body, { status }));
  const refused = await failureOf(pem, answer(400, { error: "invalid_grant" }));
  assertEquals(refused.slice(0, 2), ["CONFIG", undefined]);
  assert(refused[2].includes("invalid_grant"), refused[2]);
  const noTokens = ["log in", null, {}, { access_token: 1, expires_in: 9 }].map((body) => answer(200, body));
  const page = () => Promise.resolve(new Response("<html>"));
  const down = () => Promise.reject(new TypeError("fetch failed"));
  for (const fetch of [answer(503, {}), answer(429, {}), down, page, ...noTokens]) {
    assertEquals((await failureOf(pem, fetch)).slice(0, 2), ["UNAVAILABLE", true]);
  }
});
