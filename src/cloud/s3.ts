import { AwsV4Signer } from "aws4fetch";
import { toHex } from "../bytes.ts";
import { StorageError } from "../errors.ts";
import type { Credential } from "./credential.ts";
import { parseEndpoint } from "./endpoint.ts";
import { errorCode, type Fetch, type HttpRequest, type HttpResponse } from "./http.ts";
import { listQuery, readList } from "./listing.ts";
import {
  type Abilities,
  type ListedObjects,
  type ListOptions,
  type ObjectStorage,
  RequestError,
  type RequestOptions,
} from "./object_storage.ts";
import { type PlainRequest, RestObjects } from "./rest_objects.ts";

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

/** So often a server is asked whether it honours conditions, when it cannot be told. */
const PROBES = 3;

/** The tag of no object. */
const OTHER_TAG = '"0"';
const MOST_SIGNING_KEYS = 16;
/** The hash of a body that is not there. Having it computed would be a quarter of what signing a read costs. */
const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
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

class S3 extends RestObjects<S3Credentials> {
  readonly provider = "s3";
  readonly #url: string;
  readonly #region: string;
  /** Signing keys, which are the same all day. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  /** Ceph 16 compares entity tags without the quotes that are a part of them. */
  #quotesTags = true;
  /** What has been found out, for all stores over this bucket: on some runtimes there is one for each request that they serve. */
  #abilities: Abilities | null = null;
  /** AWS is known. */
  readonly probe?: (prefix: string, options?: RequestOptions) => Promise<Abilities>;

  constructor({ bucket, region = "us-east-1", endpoint, credentials, pathStyle, fetch }: S3Options) {
    super(bucket, credentials, fetch);
    const server = parseEndpoint(
      endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`,
    );
    // The certificate of AWS is good for one name in front of its own.
    const isInPath = pathStyle ?? (endpoint !== undefined || bucket.includes("."));
    this.#url = isInPath ? `${server}/${bucket}/` : `${server.replace("//", `//${bucket}.`)}/`;
    this.#region = region;
    if (endpoint === undefined) return;
    this.probe = async (prefix, options) => this.#abilities ??= await this.#probe(prefix, options);
  }

  async list(prefix: string, { cursor, limit = 1000, signal }: ListOptions = {}): Promise<ListedObjects> {
    return readList(await this.requestList(listQuery(prefix, cursor, limit), signal));
  }

  async #probe(prefix: string, options?: RequestOptions): Promise<Abilities> {
    for (let i = 1;; i++) {
      const name = `${prefix}${crypto.randomUUID()}`;
      try {
        const honours = await this.#honoursConditions(name, options);
        if (honours === true) return { conditionalDelete: await this.#deletesOnCondition(name, options) };
        if (honours === false || i === PROBES) throw this.#takesNoConditions();
      } finally {
        // Who may not delete can use the store all the same.
        await this.delete(name, null, options).catch(() => {});
      }
    }
  }

  /** `null` where it cannot be told: of what was refused for no reason an attempt before, of which nobody knows, may have been carried out. */
  async #honoursConditions(name: string, options?: RequestOptions): Promise<boolean | null> {
    const body = new Uint8Array([1]);
    const put = (condition: Parameters<ObjectStorage["put"]>[2]) => this.put(name, body, condition, options);
    try {
      const version = await put({ ifAbsent: true });
      if (version === null) return null;
      if (await put({ ifAbsent: true }) !== null || await put({ ifVersion: OTHER_TAG }) !== null) return false;
      return await this.#findTagForm(() => put({ ifVersion: version })) || null;
    } catch (error) {
      // What a server says that knows them not at all.
      if (error instanceof RequestError && error.failure.status === 501) return false;
      throw error;
    }
  }

  /** Whether a write with the right version is let through, with its quotes or without. */
  async #findTagForm(putOver: () => Promise<string | null>): Promise<boolean> {
    for (const quotesTags of [this.#quotesTags, !this.#quotesTags]) {
      this.#quotesTags = quotesTags;
      if (await putOver() !== null) return true;
    }
    return false;
  }

  async #deletesOnCondition(name: string, options?: RequestOptions): Promise<boolean> {
    try {
      return !await this.delete(name, { ifVersion: OTHER_TAG }, options);
    } catch (error) {
      if (error instanceof RequestError && !error.failure.isTransient) return false;
      throw error;
    }
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

  protected async authorize(
    { method, path, headers, body }: PlainRequest,
    credentials: S3Credentials,
    now: Date,
  ): Promise<HttpRequest> {
    if (this.#signingKeys.size > MOST_SIGNING_KEYS) this.#signingKeys.clear();
    const { "cache-control": cacheControl, ...signedHeaders } = headers;
    const signer = new AwsV4Signer({
      ...credentials,
      method,
      url: this.#url + path,
      headers: {
        ...signedHeaders,
        "x-amz-content-sha256": body === undefined ? SHA256_OF_NOTHING : await sha256(body),
      },
      service: "s3",
      region: this.#region,
      cache: this.#signingKeys,
      datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ""),
    });
    const signed = await signer.sign();
    // Not signed, as proxies may change it.
    if (cacheControl !== undefined) signed.headers.set("cache-control", cacheControl);
    return { method, url: signed.url.href, headers: signed.headers, body };
  }

  protected hasExpired(answer: HttpResponse): boolean {
    return EXPIRED.includes(errorCode(answer));
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return toHex(digest);
}
