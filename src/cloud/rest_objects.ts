import { StorageError } from "../errors.ts";
import { type Fetch, type HttpRequest, type HttpResponse, send } from "./http.ts";
import type {
  Condition,
  ListedObjects,
  ListOptions,
  ObjectStorage,
  ReadObjectOptions,
  RequestOptions,
  StoredObject,
} from "./object_storage.ts";

/** A request before it is authorized. */
export interface PlainRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Behind the bucket: a name, or `?` and a query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
}

/** What is the same for all servers that are spoken to in HTTP. */
export abstract class RestObjects implements ObjectStorage {
  abstract readonly provider: string;
  readonly bucket: string;
  readonly #fetch: Fetch;

  constructor(bucket: string, fetch: Fetch) {
    this.bucket = bucket;
    this.#fetch = fetch;
  }

  /** Puts a request into the server's words, and signs it. */
  protected abstract authorize(request: PlainRequest): Promise<Omit<HttpRequest, "signal">>;

  /** Sees to what is the matter with a request that was refused, if that can be done. */
  protected abstract cure(answer: HttpResponse): boolean;

  /** The version that an answer tells. */
  protected versionIn({ headers }: HttpResponse): string | null {
    return headers.get("etag");
  }

  /** The entity tag of a version. */
  protected tagOf(version: string): string {
    return version;
  }

  protected headersFor(condition: Condition): Record<string, string> {
    return "ifAbsent" in condition ? { "if-none-match": "*" } : { "if-match": this.tagOf(condition.ifVersion) };
  }

  async get(
    name: string,
    { unlessVersion, signal }: ReadObjectOptions = {},
  ): Promise<StoredObject | null | "unchanged"> {
    const headers: Record<string, string> = {};
    if (unlessVersion !== undefined) headers["if-none-match"] = this.tagOf(unlessVersion);
    const answer = await this.request({ method: "GET", path: name, headers }, signal);
    if (answer.status === 404) return null;
    return answer.status === 304 ? "unchanged" : { body: answer.body, version: this.#versionIn(answer) };
  }

  async put(
    name: string,
    body: Uint8Array,
    condition: Condition | null,
    { signal }: RequestOptions = {},
  ): Promise<string | null> {
    const headers = condition === null ? {} : this.headersFor(condition);
    const answer = await this.request({ method: "PUT", path: name, headers, body }, signal);
    return answer.status < 300 ? this.#versionIn(answer) : null;
  }

  async delete(name: string, condition: Condition | null, { signal }: RequestOptions = {}): Promise<boolean> {
    const headers = condition === null ? {} : this.headersFor(condition);
    const { status } = await this.request({ method: "DELETE", path: name, headers }, signal);
    return status < 300 || status === 404 && condition === null;
  }

  abstract list(prefix: string, options?: ListOptions): Promise<ListedObjects>;

  protected async request(request: PlainRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { method, path } = request;
    const what = path.startsWith("?") ? "list objects" : `${method === "GET" ? "read" : "write"} object ${path}`;
    return await send(this.#fetch, { ...await this.authorize(request), signal }, what, (answer) => this.cure(answer));
  }

  #versionIn(answer: HttpResponse): string {
    const version = this.versionIn(answer);
    if (version !== null) return version;
    throw new StorageError("UNSUPPORTED", `Cannot use bucket ${this.bucket}: its server gives objects no versions`);
  }
}
