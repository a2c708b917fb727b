import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fetch } from "../../src/cloud/http.ts";
import { sleep } from "../support/bytes.ts";
import { FakeGcs } from "../support/cloud/fake_gcs.ts";
import { FakeS3, type FakeS3Options } from "../support/cloud/fake_s3.ts";
import { ACCOUNT, BUCKET } from "./account.ts";
import { corsHeaders, type CorsRule, preflight } from "./cors.ts";

/** A fake of a provider on a port of this machine, for runtimes that are not this process. */
export class BucketServer implements AsyncDisposable {
  readonly endpoint: string;
  /** Which pages may use the bucket. */
  rules: readonly CorsRule[] = [];
  /** How long it takes to answer. */
  delayMs = 0;
  readonly #server: Server;
  readonly #fetch: Fetch;

  private constructor(server: Server, fakeAt: (host: string) => Fetch) {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.endpoint = `http://${host}`;
    this.#server = server;
    this.#fetch = fakeAt(host);
    server.on("request", (incoming, outgoing) => {
      // The connection breaks, and the test says so.
      this.#answer(incoming, outgoing).catch((error) => outgoing.destroy(error));
    });
  }

  static async start(fakeAt: (host: string) => Fetch): Promise<BucketServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BucketServer(server, fakeAt);
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (this.delayMs > 0) await sleep(this.delayMs);
    const headers = new Headers(incoming.headers as Record<string, string>);
    const { method = "GET" } = incoming;
    if (method === "OPTIONS") return await send(outgoing, preflight(this.rules, headers), {});
    const response = await this.#fetch(`${this.endpoint}${incoming.url}`, {
      method,
      headers,
      redirect: "manual",
      ...(method === "PUT" ? { body: new Uint8Array(Buffer.concat(chunks)) } : {}),
    });
    await send(outgoing, response, corsHeaders(this.rules, headers.get("origin"), method));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function startS3(options: FakeS3Options = {}): Promise<BucketServer> {
  return BucketServer.start((host) => new FakeS3({ accounts: [ACCOUNT], bucket: BUCKET, ...options, host }).fetch);
}

export function startGcs(): Promise<BucketServer> {
  const { fetch } = new FakeGcs();
  return BucketServer.start((host) => (url, init) =>
    fetch(url.replace(`http://${host}`, "https://storage.googleapis.com"), init)
  );
}

async function send(outgoing: ServerResponse, response: Response, more: Record<string, string>): Promise<void> {
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...more });
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
