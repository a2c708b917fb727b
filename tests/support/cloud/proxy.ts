import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sleep } from "../bytes.ts";
import type { Random } from "../random.ts";
import type { Target } from "./target.ts";

const FAULTS = [
  "cut before",
  "cut after",
  "cut in the request",
  "cut in the answer",
  "late",
  "500 before",
  "500 after",
  "503",
  "409",
] as const;
type Fault = (typeof FAULTS)[number] | null;

/** What S3 says, and Azure. */
const WORDS: Record<number, string> = { 500: "InternalError", 503: "SlowDown", 409: "ConditionalRequestConflict" };
const AZURES_WORDS: Record<number, string> = { 500: "InternalError", 503: "ServerBusy", 409: "BlobAlreadyExists" };

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["rawHeaders"];
  readonly body: Buffer;
}

/** A request that does not get any further. */
export interface Held {
  /** Resolves when it has come. */
  readonly arrived: Promise<void>;
  /** Lets it go on to the server, whether anybody still waits for its answer or not. */
  release(): void;
}

interface Trap extends Held {
  readonly catches: (method: string, path: string) => boolean;
  readonly cuts: boolean;
  readonly released: Promise<void>;
  spring(): void;
}

/** What stands between a store and its server, and breaks things at random, as a seed will have it. */
export class Proxy {
  /** What has been done to how many requests. */
  readonly counts: Record<string, number> = {};
  /** Where to find it. */
  endpoint = "";
  readonly #target: URL;
  readonly #words: Record<number, string>;
  readonly #traps: Trap[] = [];
  readonly #random: Random;
  readonly #percent: number;
  readonly #server: Server;
  #underWay = 0;

  /** About so many in a hundred requests go wrong. */
  constructor({ provider, endpoint }: Target, random: Random, percent: number) {
    this.#target = new URL(endpoint);
    this.#words = provider === "azure" ? AZURES_WORDS : WORDS;
    this.#random = random;
    this.#percent = percent;
    this.#server = createServer((incoming, outgoing) => {
      this.#underWay++;
      this.#handle(incoming, outgoing).catch(() => outgoing.destroy()).finally(() => this.#underWay--);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.endpoint = `http://127.0.0.1:${port}${this.#target.pathname.replace(/\/$/, "")}`;
  }

  /** Holds the next request for which `catches` says so; with `cuts`, whoever has sent it hears at once that the connection has failed. */
  hold(catches: Trap["catches"], { cuts = false }: { cuts?: boolean } = {}): Held {
    let spring!: () => void;
    let release!: () => void;
    const arrived = new Promise<void>((resolve) => spring = resolve);
    const released = new Promise<void>((resolve) => release = resolve);
    const trap: Trap = { catches, cuts, arrived, spring, released, release };
    this.#traps.push(trap);
    return trap;
  }

  /** Resolves when nothing is on its way any more, not even what nobody waits for. */
  async rest(): Promise<void> {
    while (this.#underWay > 0) await sleep(10);
  }

  async close(): Promise<void> {
    await this.rest();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const fault = this.#drawFault(incoming);
    const delayMs = this.#random.below(20) === 0 ? this.#random.below(300) : this.#random.below(5);
    const lateMs = this.#random.below(2000);
    this.counts[fault ?? "served"] = (this.counts[fault ?? "served"] ?? 0) + 1;
    if (fault === "cut in the request") return void incoming.once("readable", () => outgoing.destroy());
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    await sleep(delayMs);
    await this.#passTraps(incoming, outgoing);
    switch (fault) {
      case "cut before":
        return void outgoing.destroy();
      case "late":
        outgoing.destroy();
        await sleep(lateMs);
        return void await this.#forward(incoming, body);
      case "500 before":
        return this.#refuse(outgoing, 500);
      case "503":
        return this.#refuse(outgoing, 503);
      case "409":
        return this.#refuse(outgoing, 409);
    }
    const answer = await this.#forward(incoming, body);
    if (fault === "500 after") return this.#refuse(outgoing, 500);
    if (fault === "cut after") return void outgoing.destroy();
    outgoing.writeHead(answer.status, answer.headers);
    if (fault !== "cut in the answer") return void outgoing.end(answer.body);
    outgoing.write(answer.body.subarray(0, answer.body.length >> 1), () => outgoing.destroy());
  }

  #drawFault({ method, headers, url }: IncomingMessage): Fault {
    // What a store finds out before it begins has tests of its own.
    if (this.#random.below(100) >= this.#percent || url!.includes("/probe/")) return null;
    const isConditional = method === "PUT" && ("if-match" in headers || "if-none-match" in headers);
    return this.#random.pick(FAULTS.filter((fault) => fault !== "409" || isConditional));
  }

  /** What is signed stays as it is, the name of the host, too. */
  #forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#target;
      const forwarded = request({
        hostname,
        port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.rawHeaders,
      });
      forwarded.on("error", reject);
      forwarded.on("response", async (answer) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk);
          resolve({ status: answer.statusCode!, headers: answer.rawHeaders, body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      });
      forwarded.end(body);
    });
  }

  #refuse(outgoing: ServerResponse, status: number): void {
    const code = this.#words[status];
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>by the proxy</Message></Error>`;
    outgoing.writeHead(status, { "content-type": "application/xml" });
    outgoing.end(body);
  }

  async #passTraps({ method, url }: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const at = this.#traps.findIndex(({ catches }) => catches(method!, url!));
    if (at < 0) return;
    const [trap] = this.#traps.splice(at, 1);
    if (trap.cuts) outgoing.destroy();
    trap.spring();
    await trap.released;
  }
}
