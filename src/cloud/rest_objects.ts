import { describe, StorageError } from "../errors.ts";
import { type Credential, CredentialSource } from "./credential.ts";
import { errorCode, type Fetch, globalFetch, type HttpRequest, type HttpResponse, send } from "./http.ts";
import type {
  Condition,
  ListedObjects,
  ListOptions,
  ObjectStorage,
  ReadObjectOptions,
  RequestOptions,
  StoredObject,
} from "./object_storage.ts";
import { ServerClock } from "./server_clock.ts";

/** A request before it is authorized. */
export interface PlainRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Behind the bucket: a name, or `?` and a query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
  /** The statuses beside success that say how things are: whether there is an object, and of which version. */
  readonly answers: readonly number[];
}

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;
const CONFLICT = 409;
const PRECONDITION_FAILED = 412;

/** What is the same for all servers that are spoken to in HTTP and opened with a credential `C`. */
export abstract class RestObjects<C extends object> implements ObjectStorage {
  abstract readonly provider: string;
  readonly bucket: string;
  readonly #fetch: Fetch;
  readonly #credentials: CredentialSource<C>;
  readonly #clock = new ServerClock();

  constructor(bucket: string, credentials: Credential<C>, fetch: Fetch = globalFetch) {
    if (typeof bucket !== "string" || !/^[\w.:$-]+$/.test(bucket)) {
      throw new StorageError("CONFIG", `Cannot use bucket: expected its name, received ${describe(bucket)}`);
    }
    this.bucket = bucket;
    this.#credentials = new CredentialSource(credentials);
    this.#fetch = fetch;
  }

  /** Puts a request into the server's words, and signs it. */
  protected abstract authorize(
    request: PlainRequest,
    credential: C,
    now: Date,
  ): HttpRequest | Promise<HttpRequest>;

  /** Whether a request was refused because the credential has expired. */
  protected abstract hasExpired(answer: HttpResponse): boolean;

  /** Whether an answer with a status that says how things are says that, and nothing else. */
  protected isAnswer(answer: HttpResponse): boolean {
    // Whatever else may stand at an address that is wrong does not say in XML that there is no object.
    return answer.status !== NOT_FOUND || errorCode(answer) !== "";
  }

  /** The version that an answer tells. */
  protected versionIn({ headers }: HttpResponse): string | null {
    // A proxy that compresses makes a tag weak, and a weak one never matches.
    return headers.get("etag")?.replace(/^W\//, "") ?? null;
  }

  /** The entity tag of a version. */
  protected tagOf(version: string): string {
    return version;
  }

  protected headersFor(condition: Condition): Record<string, string> {
    return "ifAbsent" in condition ? { "if-none-match": "*" } : { "if-match": this.tagOf(condition.ifVersion) };
  }

  /** What an object is stored with. Nobody between us and the server may keep one: who asks wants to know what is there now. */
  protected headersOfObject(): Record<string, string> {
    return { "cache-control": "no-store" };
  }

  async get(
    name: string,
    { unlessVersion, signal }: ReadObjectOptions = {},
  ): Promise<StoredObject | null | "unchanged"> {
    const isKnown = unlessVersion !== undefined;
    const answer = await this.request({
      method: "GET",
      path: name,
      headers: isKnown ? { "if-none-match": this.tagOf(unlessVersion) } : {},
      answers: isKnown ? [NOT_MODIFIED, NOT_FOUND] : [NOT_FOUND],
    }, signal);
    if (answer.status === NOT_FOUND) return null;
    return answer.status === NOT_MODIFIED ? "unchanged" : { body: answer.body, version: this.#versionIn(answer) };
  }

  async put(
    name: string,
    body: Uint8Array,
    condition: Condition | null,
    { signal }: RequestOptions = {},
  ): Promise<string | null> {
    const headers = { ...this.headersOfObject(), ...this.#headersFor(condition) };
    const answers = refusalsOf(condition);
    const answer = await this.request({ method: "PUT", path: name, headers, body, answers }, signal);
    return answer.status < 300 ? this.#versionIn(answer, "unknown") : null;
  }

  async delete(name: string, condition: Condition | null, { signal }: RequestOptions = {}): Promise<boolean> {
    const headers = this.#headersFor(condition);
    const answers = [...refusalsOf(condition), NOT_FOUND];
    const { status } = await this.request({ method: "DELETE", path: name, headers, answers }, signal);
    return status < 300 || condition === null;
  }

  abstract list(prefix: string, options?: ListOptions): Promise<ListedObjects>;

  /** Asks for a part of the list of objects. */
  protected requestList(query: string, signal: AbortSignal | undefined): Promise<HttpResponse> {
    return this.request({ method: "GET", path: query, headers: {}, answers: [] }, signal);
  }

  protected async request(request: PlainRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { method, path, answers } = request;
    const credential = await this.#credentials.get(signal);
    const now = this.#clock.now();
    return await send(this.#fetch, { ...await this.authorize(request, credential, now), signal }, {
      what: path.startsWith("?") ? "list objects" : `${VERBS[method]} object ${path}`,
      isAnswer: (answer) => answers.includes(answer.status) && this.isAnswer(answer),
      cure: (answer) =>
        this.#clock.adjust(answer, now) || this.hasExpired(answer) && this.#credentials.expire(credential),
    });
  }

  #headersFor(condition: Condition | null): Record<string, string> {
    return condition === null ? {} : this.headersFor(condition);
  }

  #versionIn(answer: HttpResponse, outcome?: "unknown"): string {
    const version = this.versionIn(answer);
    if (version !== null) return version;
    throw new StorageError(
      "UNSUPPORTED",
      `Cannot use bucket ${this.bucket}: its server gives objects no versions, or, in a browser, does not expose them`,
      { outcome },
    );
  }
}

const VERBS = { GET: "read", PUT: "write", DELETE: "delete" };

/** How servers say that a condition does not hold. 404 is for a version of an object that is not there any more. */
function refusalsOf(condition: Condition | null): number[] {
  if (condition === null) return [];
  return "ifAbsent" in condition ? [CONFLICT, PRECONDITION_FAILED] : [NOT_FOUND, CONFLICT, PRECONDITION_FAILED];
}
