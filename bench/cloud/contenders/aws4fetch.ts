import type { AwsClient } from "aws4fetch";
import { Limit } from "../../../src/cloud/limit.ts";
import { CloudStore, memoryObjects } from "../../../src/cloud/mod.ts";
import { clientFor } from "../target.ts";
import type { CloudContender, CloudEffort, CloudRead, Place } from "./contender.ts";

/** What a request does about the body's hash, which is a part of what is signed. */
export type Payload = "unsigned" | "signed";

/** As many requests as the store has under way at most. */
const MOST_REQUESTS = 128;

/**
 * `aws4fetch` and nothing else, with the requests that Ferrite makes: bodies are as long as its objects, writes have the same conditions. It
 * knows nothing of the objects but the versions of those that it has written.
 */
export async function openAws4fetch({ target, prefix }: Place, payload: Payload): Promise<CloudContender> {
  const { client, url } = await clientFor(target);
  return new Bare(client, url + prefix, payload);
}

class Bare implements CloudContender {
  readonly #client: AwsClient;
  readonly #url: string;
  readonly #payload: Payload;
  readonly #tags = new Map<string, string>();
  readonly #lengths = new Map<number, number>();
  readonly #effort: CloudEffort = { requests: 0, bytes: 0 };
  readonly #limit = new Limit(MOST_REQUESTS);

  constructor(client: AwsClient, url: string, payload: Payload) {
    this.#client = client;
    this.#url = url;
    this.#payload = payload;
  }

  async forget(): Promise<void> {}

  async fill(key: string, value: Uint8Array): Promise<void> {
    if (!this.#lengths.has(value.length)) this.#lengths.set(value.length, await objectLength(key, value));
    this.#tags.set(key, await this.#put(key, this.#bodyOf(value), { "if-none-match": "*" }));
  }

  async get(key: string): Promise<CloudRead> {
    return (await this.#get(key)).body;
  }

  mget(keys: readonly string[]): Promise<CloudRead[]> {
    return Promise.all(keys.map((key) => this.#limit.run(() => this.get(key))));
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    this.#tags.set(key, await this.#put(key, this.#bodyOf(value), { "if-match": this.#tags.get(key)! }));
  }

  async incr(key: string): Promise<number> {
    const { body, tag } = await this.#get(key);
    const sum = Number(new TextDecoder().decode(body.subarray(0, body.indexOf(0)))) + 1;
    body.fill(0);
    new TextEncoder().encodeInto(String(sum), body);
    await this.#put(key, body, { "if-match": tag });
    return sum;
  }

  effort(): CloudEffort {
    return { ...this.#effort };
  }

  async close(): Promise<void> {}

  /** A body as long as Ferrite's object, with the value at its beginning. */
  #bodyOf(value: Uint8Array): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(this.#lengths.get(value.length)!);
    body.set(value);
    return body;
  }

  async #get(key: string): Promise<{ body: Uint8Array<ArrayBuffer>; tag: string }> {
    const body = new Uint8Array(0);
    const response = await this.#client.fetch(this.#url + key, { headers: await this.#headers(body) });
    const read = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 200) throw new Error(`cannot read ${key}: status ${response.status}`);
    this.#count(read);
    return { body: read, tag: response.headers.get("etag")! };
  }

  async #put(key: string, body: Uint8Array<ArrayBuffer>, condition: Record<string, string>): Promise<string> {
    const headers = { "cache-control": "no-store", ...condition, ...await this.#headers(body) };
    const response = await this.#client.fetch(this.#url + key, { method: "PUT", headers, body });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`cannot write ${key}: status ${response.status}`);
    this.#count(body);
    return response.headers.get("etag")!;
  }

  async #headers(body: Uint8Array<ArrayBuffer>): Promise<Record<string, string>> {
    if (this.#payload === "unsigned") return {};
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    return { "x-amz-content-sha256": Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  }

  #count(body: Uint8Array): void {
    this.#effort.requests++;
    this.#effort.bytes += body.length;
  }
}

/** How long an object is in which Ferrite keeps such a value. */
async function objectLength(key: string, value: Uint8Array): Promise<number> {
  const store = new CloudStore({ storage: memoryObjects() });
  await store.set(key, value);
  const { bytesWritten } = store.stats();
  await store.close();
  return bytesWritten;
}
