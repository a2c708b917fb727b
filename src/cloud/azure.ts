import { describe, StorageError } from "../errors.ts";
import type { Credential } from "./credential.ts";
import { parseEndpoint } from "./endpoint.ts";
import { allTags, errorCode, type Fetch, firstTag, type HttpRequest, type HttpResponse, textOf } from "./http.ts";
import { assertEndsWith } from "./listing.ts";
import type { ListedObjects, ListOptions, ObjectStorage } from "./object_storage.ts";
import { type PlainRequest, RestObjects } from "./rest_objects.ts";

/** What opens a container: the key of the account, the query of a shared access signature, or a token of Microsoft Entra. */
export type AzureCredentials =
  | { readonly accountKey: string }
  | { readonly sas: string; readonly expiration?: Date }
  | { readonly token: string; readonly expiration?: Date };

/** How to reach a container of Azure Blob Storage. */
export interface AzureOptions {
  /** The name of the storage account. */
  readonly account: string;
  /** The name of the container. */
  readonly container: string;
  /** What opens it, or a function that gives that; it is asked again when it expires. */
  readonly credentials: Credential<AzureCredentials>;
  /** Where the server is; `"https://<account>.blob.core.windows.net"` if not given. */
  readonly endpoint?: string;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch;
}

const API_VERSION = "2021-12-02";
/** The errors that say how things are. The same statuses are those of leases, archives and accounts. */
const ANSWERS = ["BlobNotFound", "BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet"];
const EXPIRED = ["InvalidAuthenticationInfo", "AuthenticationFailed", "AuthorizationFailure"];

/**
 * A container of Azure Blob Storage.
 *
 * @example
 * ```ts
 * import { azure } from "@ferrite/storage/cloud";
 *
 * const container = azure({
 *   account: "ferrite",
 *   container: "data",
 *   credentials: { sas: "sv=2021-12-02&ss=b&srt=co&sp=rwdl&sig=…" },
 * });
 * ```
 */
export function azure(options: AzureOptions): ObjectStorage {
  return new Azure(options);
}

class Azure extends RestObjects<AzureCredentials> {
  readonly provider = "azure";
  readonly #account: string;
  readonly #url: string;

  constructor({ account, container, credentials, endpoint, fetch }: AzureOptions) {
    super(container, credentials, fetch);
    if (typeof account !== "string" || !/^[\w-]+$/.test(account)) {
      throw new StorageError("CONFIG", `Cannot use account: expected its name, received ${describe(account)}`);
    }
    this.#account = account;
    this.#url = `${parseEndpoint(endpoint ?? `https://${account}.blob.core.windows.net`)}/${container}`;
  }

  async list(prefix: string, { cursor, limit = 1000, signal }: ListOptions = {}): Promise<ListedObjects> {
    const query = new URLSearchParams({ restype: "container", comp: "list", prefix, maxresults: String(limit) });
    if (cursor) query.set("marker", cursor);
    const xml = textOf((await this.requestList(`?${query}`, signal)).body);
    assertEndsWith(xml, "EnumerationResults");
    const objects = allTags(xml, "Blob").map((item) => ({
      name: firstTag(item, "Name") ?? "", // one that XML cannot hold is not ours
      size: Number(firstTag(item, "Content-Length")),
    }));
    return { objects: objects.filter(({ name }) => name !== ""), cursor: firstTag(xml, "NextMarker") || null };
  }

  protected async authorize(
    { method, path, headers: conditions, body }: PlainRequest,
    credentials: AzureCredentials,
    now: Date,
  ): Promise<HttpRequest> {
    const url = new URL(this.#url + (path.startsWith("?") ? path : `/${path}`));
    const headers: Record<string, string> = {
      ...conditions,
      "x-ms-date": now.toUTCString(),
      "x-ms-version": API_VERSION,
    };
    if ("accountKey" in credentials) {
      const signature = await sign(credentials.accountKey, this.#account, method, url, headers, body?.length ?? 0);
      headers.authorization = `SharedKey ${this.#account}:${signature}`;
    } else if ("token" in credentials) {
      headers.authorization = `Bearer ${credentials.token}`;
    } else {
      for (const [name, value] of new URLSearchParams(credentials.sas)) url.searchParams.set(name, value);
    }
    return { method, url: url.href, headers, body };
  }

  protected override headersOfObject(): Record<string, string> {
    return { "x-ms-blob-type": "BlockBlob", "x-ms-blob-cache-control": "no-store" };
  }

  protected override isAnswer(answer: HttpResponse): boolean {
    return answer.status === 304 || ANSWERS.includes(errorCode(answer));
  }

  protected hasExpired(answer: HttpResponse): boolean {
    return [401, 403].includes(answer.status) && EXPIRED.includes(errorCode(answer));
  }
}

/** A signature by the key of the account ("Authorize with Shared Key", Azure Storage REST API). */
async function sign(
  accountKey: string,
  account: string,
  method: string,
  url: URL,
  headers: Record<string, string>,
  length: number,
): Promise<string> {
  const named = Object.entries(headers).filter(([name]) => name.startsWith("x-ms-")).sort();
  const query = [...url.searchParams].sort();
  const text = [
    method,
    "", // Content-Encoding
    "", // Content-Language
    length === 0 ? "" : length,
    "", // Content-MD5
    "", // Content-Type
    "", // Date: there is x-ms-date
    "", // If-Modified-Since
    headers["if-match"] ?? "",
    headers["if-none-match"] ?? "",
    "", // If-Unmodified-Since
    "", // Range
    ...named.map(([name, value]) => `${name}:${value}`),
    `/${account}${url.pathname}`,
    ...query.map(([name, value]) => `${name}:${value}`),
  ].join("\n");
  const key = await crypto.subtle.importKey("raw", fromBase64(accountKey), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...signature));
}

function fromBase64(accountKey: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(accountKey), (character) => character.charCodeAt(0));
  } catch {
    throw new StorageError("CONFIG", "Cannot use accountKey: it is not Base64");
  }
}
