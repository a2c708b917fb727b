// A cloud store from a configuration.

import type { CloudConfig } from "../config.ts";
import { quote, StorageError } from "../errors.ts";
import { requireFileSystem } from "../runtime/detect.ts";
import { environment } from "../runtime/environment.ts";
import { azure, type AzureCredentials } from "./azure.ts";
import { gcs, type GcsToken } from "./gcs.ts";
import type { ObjectStorage } from "./object_storage.ts";
import { s3, type S3Credentials } from "./s3.ts";
import { serviceAccount } from "./service_account.ts";
import { CloudStore } from "./store.ts";

/** Sets up the cloud store that a configuration describes. `CONFIG` names what is missing. */
export async function createCloudStore(config: CloudConfig = {}): Promise<CloudStore> {
  const { prefix, cache, timeoutMs, module } = config;
  return new CloudStore({ storage: await bucketOf(config), prefix, cache, timeoutMs, module });
}

async function bucketOf(config: CloudConfig): Promise<ObjectStorage> {
  const { provider, region, endpoint, pathStyle } = config;
  const bucket = need("bucket", config.bucket);
  switch (need("provider", provider)) {
    case "s3":
      return s3({ bucket, region, endpoint, pathStyle, credentials: await credentialsOf(config, s3FromEnvironment) });
    case "gcs":
      return gcs({ bucket, endpoint, credentials: await credentialsOf(config, gcsFromEnvironment) });
    case "azure": {
      const credentials = await credentialsOf(config, azureFromEnvironment);
      return azure({ account: need("account", config.account), container: bucket, endpoint, credentials });
    }
  }
}

async function credentialsOf<T>(config: CloudConfig, fromEnvironment: () => T | Promise<T>): Promise<T> {
  const credentials = need("credentials", config.credentials);
  if (credentials === "environment") return await fromEnvironment();
  const fields = FIELDS[config.provider!];
  if (typeof credentials === "function" || fields.some((field) => field in credentials)) return credentials as T;
  throw new StorageError(
    "CONFIG",
    `Cannot create storage: storage.cloud.credentials must have ${
      fields.join(" or ")
    } with provider "${config.provider}"`,
  );
}

/** By which credentials of a provider are told from those of another. */
const FIELDS = { s3: ["accessKeyId"], gcs: ["token"], azure: ["accountKey", "sas"] };

function s3FromEnvironment(): S3Credentials {
  return {
    accessKeyId: needVariable("AWS_ACCESS_KEY_ID"),
    secretAccessKey: needVariable("AWS_SECRET_ACCESS_KEY"),
    sessionToken: environment("AWS_SESSION_TOKEN"),
  };
}

async function gcsFromEnvironment(): Promise<GcsToken | (() => Promise<GcsToken>)> {
  const token = environment("GOOGLE_OAUTH_ACCESS_TOKEN");
  if (token !== undefined) return { token };
  const path = needVariable("GOOGLE_APPLICATION_CREDENTIALS");
  const keyFile = await readKeyFile(path);
  return serviceAccount({
    clientEmail: keyFile.client_email,
    privateKey: keyFile.private_key,
    tokenUri: keyFile.token_uri,
  });
}

interface KeyFile {
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri?: string;
}

async function readKeyFile(path: string): Promise<KeyFile> {
  const files = requireFileSystem("read credentials");
  const text = await files.readText(path).catch((cause) => {
    throw noKeyFile(path, cause instanceof Error ? cause.message : String(cause));
  });
  let keyFile: Partial<KeyFile> | null;
  try {
    keyFile = JSON.parse(text);
  } catch {
    throw noKeyFile(path, "it is not JSON"); // the error shows some of it, which may be secret
  }
  const { client_email, private_key } = keyFile ?? {};
  if (typeof client_email === "string" && typeof private_key === "string") return keyFile as KeyFile;
  throw noKeyFile(path, "it has no client_email or no private_key");
}

function noKeyFile(path: string, why: string): StorageError {
  return new StorageError(
    "CONFIG",
    `Cannot create storage: GOOGLE_APPLICATION_CREDENTIALS is ${quote(path)}, which is no key file: ${why}`,
  );
}

function azureFromEnvironment(): AzureCredentials {
  const sas = environment("AZURE_STORAGE_SAS_TOKEN");
  return sas === undefined ? { accountKey: needVariable("AZURE_STORAGE_KEY") } : { sas };
}

function need<T>(setting: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new StorageError("CONFIG", `Cannot create storage: storage.cloud.${setting} is missing`);
}

function needVariable(name: string): string {
  const value = environment(name);
  if (value !== undefined && value !== "") return value;
  throw new StorageError(
    "CONFIG",
    `Cannot create storage: storage.cloud.credentials is "environment", and there is no variable ${name}`,
  );
}
