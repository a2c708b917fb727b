import { StorageError } from "../errors.ts";
import { type Fetch, globalFetch } from "./http.ts";
import type { GcsToken } from "./gcs.ts";
import { RequestError } from "./object_storage.ts";

/** What is of interest of the key file of a service account. */
export interface ServiceAccount {
  /** `client_email`. */
  readonly clientEmail: string;
  /** `private_key`: a key in PEM. */
  readonly privateKey: string;
  /** `token_uri`; that of Google if not given. */
  readonly tokenUri?: string;
}

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
/** Of a server of tokens that does not answer. */
const TIMEOUT_MS = 30_000;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * Tokens of a service account of Google Cloud, as credentials for `gcs`. Each is asked for with a statement signed by the account's key
 * (RFC 7523), and good for an hour. `CONFIG` when the key is none, or the server refuses it.
 *
 * @example
 * ```ts
 * import { gcs, serviceAccount } from "@ferrite/storage/cloud";
 *
 * const keyFile = { client_email: "app@project.iam.gserviceaccount.com", private_key: "-----BEGIN PRIVATE KEY-----\\n…" };
 * const bucket = gcs({
 *   bucket: "ferrite-data",
 *   credentials: serviceAccount({ clientEmail: keyFile.client_email, privateKey: keyFile.private_key }),
 * });
 * ```
 */
export function serviceAccount(account: ServiceAccount, fetch: Fetch = globalFetch): () => Promise<GcsToken> {
  const { clientEmail, privateKey, tokenUri = "https://oauth2.googleapis.com/token" } = account;
  return async () => {
    // What signs takes longer to load than all the rest, and only these credentials need it.
    const { signStatement } = await import("./statement.ts");
    const assertion = await signStatement(clientEmail, privateKey, tokenUri, SCOPE);
    return await askForToken(fetch, tokenUri, assertion, clientEmail);
  };
}

async function askForToken(fetch: Fetch, tokenUri: string, assertion: string, account: string): Promise<GcsToken> {
  const what = `get a token for service account ${account}`;
  const failed = (why: string, cause?: unknown) =>
    new RequestError(`Cannot ${what}: ${why}`, { isTransient: true, mayHaveHappened: false, cause });
  const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  let response: Response;
  let text: string;
  try {
    response = await fetch(tokenUri, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    throw failed("the server was not reached", error);
  }
  if (response.status >= 500 || response.status === 429) {
    throw failed(`the server answers with status ${response.status}`);
  }
  if (!response.ok) throw new StorageError("CONFIG", `Cannot ${what}: it is refused (${text.slice(0, 300)})`);
  const { access_token: token, expires_in: seconds } = parse(text);
  // Something else is in the place of the server, such as a proxy that wants to be logged in to.
  if (typeof token !== "string" || typeof seconds !== "number") throw failed("what the server answers is no token");
  return { token, expiration: new Date(Date.now() + seconds * 1000) };
}

function parse(text: string): { access_token?: unknown; expires_in?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
