import type { Credential } from "./credential.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { Fetch, HttpRequest, HttpResponse } from "./http.ts";
import { listQuery, readList } from "./listing.ts";
import type { Condition, ListedObjects, ListOptions, ObjectStorage } from "./object_storage.ts";
import { type PlainRequest, RestObjects } from "./rest_objects.ts";

/** An OAuth 2.0 access token. */
export interface GcsToken {
  /** The token. */
  readonly token: string;
  /** Until when it is good. */
  readonly expiration?: Date;
}

/** How to reach a bucket of Google Cloud Storage. */
export interface GcsOptions {
  /** The name of the bucket. */
  readonly bucket: string;
  /** A token, or a function that gives one, as `serviceAccount` makes; it is asked again when the token expires. */
  readonly credentials: Credential<GcsToken>;
  /** Where the server is; `"https://storage.googleapis.com"` if not given. */
  readonly endpoint?: string;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch;
}

/**
 * A bucket of Google Cloud Storage, by its XML interface. Conditions are on generations, which are numbers of writes; they need a token, as
 * HMAC keys cannot carry them. It allows about one write a second to one object, so one key, and answers 429 to more, which are tried again.
 *
 * @example
 * ```ts
 * import { gcs } from "@ferrite/storage/cloud";
 *
 * const bucket = gcs({ bucket: "ferrite-data", credentials: async () => ({ token: await askForToken() }) });
 *
 * async function askForToken(): Promise<string> {
 *   return "ya29.…"; // from the metadata server, or from your own
 * }
 * ```
 */
export function gcs(options: GcsOptions): ObjectStorage {
  return new Gcs(options);
}

class Gcs extends RestObjects<GcsToken> {
  readonly provider = "gcs";
  readonly #url: string;

  constructor({ bucket, credentials, endpoint = "https://storage.googleapis.com", fetch }: GcsOptions) {
    super(bucket, credentials, fetch);
    this.#url = `${parseEndpoint(endpoint)}/${bucket}/`;
  }

  async list(prefix: string, { cursor, limit = 1000, signal }: ListOptions = {}): Promise<ListedObjects> {
    return readList(await this.requestList(listQuery(prefix, cursor, limit), signal));
  }

  /** The generation is for writes, the entity tag for reads. */
  protected override versionIn({ headers }: HttpResponse): string | null {
    const generation = headers.get("x-goog-generation");
    return generation === null ? null : `${generation} ${headers.get("etag")}`;
  }

  protected override tagOf(version: string): string {
    return version.slice(version.indexOf(" ") + 1);
  }

  protected override headersFor(condition: Condition): Record<string, string> {
    const generation = "ifAbsent" in condition ? "0" : condition.ifVersion.split(" ")[0];
    return { "x-goog-if-generation-match": generation };
  }

  protected authorize({ method, path, headers, body }: PlainRequest, { token }: GcsToken): HttpRequest {
    return { method, url: this.#url + path, headers: { ...headers, authorization: `Bearer ${token}` }, body };
  }

  protected hasExpired({ status }: HttpResponse): boolean {
    return status === 401;
  }
}
