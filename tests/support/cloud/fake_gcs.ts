import { createHash } from "node:crypto";
import type { Fetch } from "../../../src/cloud/http.ts";
import { arrive, type Arrived, listOf, listQueryOf, Refusal, refusalOf } from "./answers.ts";
import { Shelf, type Shelved } from "./shelf.ts";

/** Google Cloud Storage's XML interface in this process, strict. */
export class FakeGcs {
  readonly shelf: Shelf = new Shelf();
  /** The tokens that are good now. */
  readonly tokens: Set<string> = new Set(["token"]);
  /** What has arrived, and how it was answered: `PUT 200`. */
  readonly log: string[] = [];
  readonly fetch: Fetch = async (input, init) => {
    const request = arrive(input, init);
    const response = this.#answer(request);
    this.log.push(`${request.method} ${response.status}`);
    return response;
  };

  #answer(request: Arrived): Response {
    try {
      const [, token] = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
      if (!this.tokens.has(token)) throw new Refusal(401, "AuthenticationRequired", "Authentication required.");
      const [, bucket, name] = /^\/([^/]+)\/(.*)$/.exec(decodeURIComponent(request.url.pathname)) ?? [];
      if (request.url.host !== "storage.googleapis.com") throw new Error(`there is no server ${request.url.host}`);
      if (bucket !== "ferrite") throw new Refusal(404, "NoSuchBucket", "The specified bucket does not exist.");
      if (name === "" && request.method === "GET") {
        const { prefix, after, limit } = listQueryOf(request.url);
        return listOf(bucket, this.shelf.list(prefix, after, limit));
      }
      return this.#answerObject(name, request);
    } catch (error) {
      if (error instanceof Refusal) return refusalOf(error, Date.now());
      throw error;
    }
  }

  #answerObject(name: string, { method, headers, body }: Arrived): Response {
    const object = this.shelf.get(name);
    if (method === "PUT") {
      this.#check(headers, object);
      const put = this.shelf.put(name, body, `"${createHash("md5").update(body).digest("hex")}"`);
      return new Response(null, { status: 200, headers: headersOf(put) });
    }
    if (object === undefined) throw new Refusal(404, "NoSuchKey", "The specified key does not exist.");
    if (method === "DELETE") {
      this.#check(headers, object);
      this.shelf.delete(name);
      return new Response(null, { status: 204 });
    }
    if (headers.get("if-none-match") === object.tag) throw new Refusal(304, "NotModified");
    return new Response(object.body, { headers: headersOf(object) });
  }

  #check(headers: Headers, object: Shelved | undefined): void {
    if (headers.has("if-match") || headers.has("if-none-match")) {
      throw new Error("conditions on writes are generations");
    }
    const wanted = headers.get("x-goog-if-generation-match");
    if (wanted === null) return;
    if (!/^\d+$/.test(wanted)) throw new Refusal(400, "InvalidArgument", `no generation: ${wanted}`);
    if (Number(wanted) !== (object?.generation ?? 0)) {
      throw new Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.");
    }
  }
}

function headersOf({ tag, generation }: Shelved): Record<string, string> {
  return { etag: tag, "x-goog-generation": String(generation), "x-goog-metageneration": "1" };
}
