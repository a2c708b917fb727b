import { AwsV4Signer } from "aws4fetch";
import { StorageError } from "../errors.ts";
import { type Credential, CredentialSource } from "./credential.ts";
import { parseEndpoint } from "./endpoint.ts";
import { errorCode, type Fetch, globalFetch, type HttpRequest, type HttpResponse } from "./http.ts";
import { listQuery, readList } from "./listing.ts";
import type { Abilities, ListedObjects, ListOptions, ObjectStorage, RequestOptions } from "./object_storage.ts";
import { type PlainRequest, RestObjects } from "./rest_objects.ts";
import { ServerClock } from "./server_clock.ts";

/** Keys to an account. */
export interface S3Credentials {
  /** The id of the access key. */
  readonly accessKeyId: string;
  /** The secret that belongs to it. */
  readonly secretAccessKey: string;
  /** For keys that are good for some time only. */
  readonly sessionToken?: string;
  /** Until when they are. */
  readonly expiration?: Date;
}

/** How to reach a bucket that speaks S3. */
export interface S3Options {
  /** The name of the bucket. */
  readonly bucket: string;
  /** The region of the bucket; `"us-east-1"` if not given. */
  readonly region?: string;
  /** Where the server is, such as `"https://play.min.io"`; if not given, that of AWS in the region. */
  readonly endpoint?: string;
  /** Keys, or a function that gives them; it is asked again when they expire. */
  readonly credentials: Credential<S3Credentials>;
  /** Whether the bucket is a part of the path and not of the host. True with an `endpoint`, if not given. */
  readonly pathStyle?: boolean;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch;
}

const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"];

/**
 * A bucket of Amazon S3, or of a server that speaks its protocol and takes conditions on writes, as Cloudflare R2, MinIO, Ceph and Tigris
 * do. `CONFIG` for an endpoint that is no URL.
 *
 * @example
 * ```ts
 * import { s3 } from "@ferrite/storage/cloud";
 *
 * const bucket = s3({
 *   bucket: "ferrite-data",
 *   region: "eu-central-1",
 *   credentials: { accessKeyId: "AKIA…", secretAccessKey: "…" },
 * });
 * ```
 */
export function s3(options: S3Options): ObjectStorage {
  return new S3(options);
}

class S3 extends RestObjects {
  readonly provider = "s3";
  readonly #url: string;
  readonly #region: string;
  readonly #credentials: CredentialSource<S3Credentials>;
  /** Signing keys, which are the same all day. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  readonly #clock = new ServerClock();
  /** Ceph 16 compares entity tags without the quotes that are a part of them. */
  #quotesTags = true;
  /** AWS is known. */
  readonly probe?: (prefix: string, options?: RequestOptions) => Promise<Abilities>;

  constructor({ bucket, region = "us-east-1", endpoint, credentials, pathStyle, fetch = globalFetch }: S3Options) {
    super(bucket, fetch);
    const server = parseEndpoint(endpoint ?? `https://s3.${region}.amazonaws.com`);
    this.#url = pathStyle ?? endpoint !== undefined
      ? `${server}/${bucket}/`
      : `${server.replace("//", `//${bucket}.`)}/`;
    this.#region = region;
    this.#credentials = new CredentialSource(credentials);
    if (endpoint !== undefined) this.probe = (prefix, options) => this.#probe(prefix, options);
  }

  async list(prefix: string, { cursor, limit = 1000, signal }: ListOptions = {}): Promise<ListedObjects> {
    const path = listQuery(prefix, cursor, limit);
    return readList((await this.request({ method: "GET", path, headers: {} }, signal)).body);
  }

  async #probe(prefix: string, options?: RequestOptions): Promise<Abilities> {
    const name = `${prefix}${crypto.randomUUID()}`;
    const body = new Uint8Array([1]);
    const put = (condition: Parameters<ObjectStorage["put"]>[2]) => this.put(name, body, condition, options);
    try {
      const version = await put({ ifAbsent: true });
      const isHonoured = version !== null && await put({ ifAbsent: true }) === null &&
        await put({ ifVersion: '"0"' }) === null;
      if (!isHonoured || !await this.#findTagForm(() => put({ ifVersion: version }))) throw this.#takesNoConditions();
      return { conditionalDelete: !await this.delete(name, { ifVersion: '"0"' }, options) };
    } finally {
      await this.delete(name, null, options);
    }
  }

  /** Whether a write with the right version is let through, with its quotes or without. */
  async #findTagForm(putOver: () => Promise<string | null>): Promise<boolean> {
    if (await putOver() !== null) return true;
    this.#quotesTags = false;
    return await putOver() !== null;
  }

  #takesNoConditions(): StorageError {
    return new StorageError(
      "UNSUPPORTED",
      `Cannot use bucket ${this.bucket}: its server does not honour If-Match and If-None-Match on writes, and without them ` +
        "writers would overwrite each other",
    );
  }

  protected override tagOf(version: string): string {
    return this.#quotesTags ? version : version.replaceAll('"', "");
  }

  protected async authorize({ method, path, headers, body }: PlainRequest): Promise<HttpRequest> {
    const signer = new AwsV4Signer({
      ...await this.#credentials.get(),
      method,
      url: this.#url + path,
      headers: { ...headers, "x-amz-content-sha256": await sha256(body ?? new Uint8Array(0)) },
      service: "s3",
      region: this.#region,
      cache: this.#signingKeys,
      datetime: this.#clock.now().toISOString().replace(/[:-]|\.\d{3}/g, ""),
    });
    const signed = await signer.sign();
    return { method, url: signed.url.href, headers: signed.headers, body };
  }

  protected cure(answer: HttpResponse): boolean {
    return EXPIRED.includes(errorCode(answer)) ? this.#credentials.expire() : this.#clock.adjust(answer);
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
