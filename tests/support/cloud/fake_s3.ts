import { createHash } from "node:crypto";
import type { Fetch } from "../../../src/cloud/http.ts";
import { arrive, type Arrived, listOf, listQueryOf, Refusal, refusalOf } from "./answers.ts";
import { Shelf } from "./shelf.ts";
import { type Account, checkSignature } from "./signature_v4.ts";

/** What a server is like. */
export interface FakeS3Options {
  readonly bucket?: string;
  readonly region?: string;
  /** Its name. A bucket may be in front of it, or in the path. */
  readonly host?: string;
  /** Who may come; one account if not given. */
  readonly accounts?: readonly Account[];
  /** Its time; that of this machine if not given. */
  readonly now?: () => number;
  /** How it compares entity tags: as they are, or, as Ceph 16 does, without the quotes that are a part of them. */
  readonly wantsBareTags?: boolean;
  /** What it does with conditions on writes; on deletes it may do nothing and honour the others. */
  readonly conditions?: "honoured" | "ignored" | "not implemented";
  readonly ignoresConditionalDeletes?: boolean;
  /** Whether conditional writes that are refused are answered by an error of the server at first, as Ceph 16 does when a race is lost. */
  readonly failsLosers?: boolean;
}

export const ACCOUNT: Account = { accessKeyId: "AKIAFAKE", secretAccessKey: "s/e+cret" };

/** S3 in this process, strict: it checks signatures and whatever else is documented. It counts what it is asked. */
export class FakeS3 {
  readonly shelf: Shelf = new Shelf();
  /** What has arrived, and how it was answered: `PUT 200`. */
  readonly log: string[] = [];
  readonly fetch: Fetch;
  readonly #options: FakeS3Options;
  readonly #bucket: string;
  readonly #losers = new Set<string>();

  constructor(options: FakeS3Options = {}) {
    this.#options = options;
    this.#bucket = options.bucket ?? "ferrite";
    this.fetch = async (input, init) => {
      const request = arrive(input, init);
      const response = this.#answer(request);
      this.log.push(`${request.method} ${response.status}`);
      return response;
    };
  }

  #answer(request: Arrived): Response {
    const now = this.#options.now?.() ?? Date.now();
    try {
      checkSignature(request, this.#options.accounts ?? [ACCOUNT], this.#options.region ?? "us-east-1", now);
      const name = this.#nameIn(request.url);
      if (name === "" && request.method === "GET") return this.#list(request.url);
      switch (request.method) {
        case "GET":
          return this.#get(name, request.headers);
        case "PUT":
          return this.#put(name, request);
        case "DELETE":
          return this.#delete(name, request.headers);
      }
      throw new Refusal(405, "MethodNotAllowed");
    } catch (error) {
      if (error instanceof Refusal) return refusalOf(error, now);
      throw error;
    }
  }

  #nameIn({ host, pathname }: URL): string {
    const server = this.#options.host ?? "s3.us-east-1.amazonaws.com";
    const path = decodeURIComponent(pathname.slice(1));
    const [bucket, name] = host === server
      ? [path.split("/")[0], path.slice(path.indexOf("/") + 1)]
      : [host.slice(0, -server.length - 1), path];
    if (!host.endsWith(server)) throw new Error(`there is no server ${host}`);
    if (bucket !== this.#bucket) throw new Refusal(404, "NoSuchBucket", "The specified bucket does not exist");
    if (encoder.encode(name).length > 1024) throw new Refusal(400, "KeyTooLongError");
    return name;
  }

  #get(name: string, headers: Headers): Response {
    const object = this.shelf.get(name);
    if (object === undefined) throw new Refusal(404, "NoSuchKey", "The specified key does not exist.");
    if (this.#matches(headers.get("if-none-match"), object.tag)) throw new Refusal(304, "NotModified");
    return new Response(object.body, {
      headers: { etag: object.tag, "content-length": String(object.body.length) },
    });
  }

  #put(name: string, { headers, body }: Arrived): Response {
    if (headers.has("if-match") || headers.has("if-none-match")) this.#checkPut(name, headers);
    const tag = `"${createHash("md5").update(body).digest("hex")}"`;
    this.shelf.put(name, body, tag);
    return new Response(null, { status: 200, headers: { etag: tag } });
  }

  #checkPut(name: string, headers: Headers): void {
    const { conditions = "honoured" } = this.#options;
    if (conditions === "not implemented") {
      throw new Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
    }
    if (conditions === "ignored") return;
    const object = this.shelf.get(name);
    const ifMatch = headers.get("if-match");
    const ifNoneMatch = headers.get("if-none-match");
    if (ifNoneMatch !== null && ifNoneMatch !== "*") throw new Refusal(501, "NotImplemented");
    if (ifMatch !== null && object === undefined) throw new Refusal(404, "NoSuchKey");
    const isLost = ifMatch !== null && !this.#matches(ifMatch, object!.tag) ||
      ifNoneMatch !== null && object !== undefined;
    if (!isLost) return;
    const loser = `${name} ${ifMatch}`;
    if (this.#options.failsLosers && !name.includes("probe/") && !this.#losers.has(loser)) {
      this.#losers.add(loser);
      throw new Refusal(500, "UnknownError");
    }
    throw new Refusal(412, "PreconditionFailed");
  }

  #delete(name: string, headers: Headers): Response {
    const ifMatch = headers.get("if-match");
    const object = this.shelf.get(name);
    const { conditions = "honoured", ignoresConditionalDeletes = false } = this.#options;
    if (ifMatch !== null && conditions === "honoured" && !ignoresConditionalDeletes) {
      if (object === undefined) throw new Refusal(404, "NoSuchKey");
      if (!this.#matches(ifMatch, object.tag)) throw new Refusal(412, "PreconditionFailed");
    }
    this.shelf.delete(name);
    return new Response(null, { status: 204 });
  }

  #list(url: URL): Response {
    const { prefix, after, limit } = listQueryOf(url);
    return listOf(this.#bucket, this.shelf.list(prefix, after, limit));
  }

  #matches(wanted: string | null, tag: string): boolean {
    return wanted !== null && (wanted === "*" || wanted === (this.#options.wantsBareTags ? tag.slice(1, -1) : tag));
  }
}

const encoder = new TextEncoder();
