import { assert, assertEquals } from "@std/assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkConfig,
  type CloudConfig,
  createStorage,
  type HybridLogStore,
  loadConfig,
  MemoryStore,
  parseConfig,
  type StorageConfig,
} from "@ferrite/storage";
import type { CloudStore } from "@ferrite/storage/cloud";
import process from "node:process";
import { parseSize } from "../src/size.ts";
import { assertFails, assertFailsSync } from "./support/errors.ts";
import { test } from "./support/harness.ts";

const ADR = `
[storage]
backend = "memory"  # "memory", "hybridlog", "cloud"

[storage.memory]
max_size = "1GB"

[storage.hybridlog]
mutable_size = "256MB"
readonly_size = "1GB"
data_dir = "/var/lib/ferrite"

[storage.cloud]
provider = "s3"
bucket = "ferrite-data"
region = "us-east-1"
`;

test("the ADR's ferrite.toml is read", () => {
  assertEquals(parseConfig(ADR), {
    backend: "memory",
    memory: { maxSize: "1GB" },
    hybridlog: { mutableSize: "256MB", readonlySize: "1GB", dataDir: "/var/lib/ferrite" },
    cloud: { provider: "s3", bucket: "ferrite-data", region: "us-east-1" },
  });
});

test("every wrong setting is named as it is spelled, with what is allowed", () => {
  const wrong: [toml: string, ...words: string[]][] = [
    ["[storage]\nbackend = 'memroy'", "storage.backend", '"memory", "hybridlog" or "cloud"', '"memroy"'],
    ["[storage]", "storage.backend is missing", '"memory"'],
    ["", "storage must be a table"],
    ["storage = 5", "storage must be a table", "number 5"],
    ["[storag]\nbackend = 'memory'", "storag is not a setting", "storage"],
    ["[storage]\nbackend = 'memory'\nsize = 5", "storage.size is not a setting", "backend, memory, hybridlog, cloud"],
    ["[storage]\nbackend = 'memory'\nmemory = true", "storage.memory must be a table", "boolean true"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmax_sze = 5", "storage.memory.max_sze", "max_size, eviction"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmaxSize = '1GB'", "storage.memory.maxSize", "max_size"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmax_size = '1XB'", "storage.memory.max_size", "8 MB to 4 GB"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmax_size = 100", "storage.memory.max_size", "number 100"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmax_size = '5GB'", "8 MB to 4 GB", '"5GB"'],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nmax_size = [1]", "storage.memory.max_size", "an object (Array)"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\neviction = 'yes'", "storage.memory.eviction", "true or false"],
    ["[storage]\nbackend = 'memory'\n[storage.memory]\nsnapshot_path = ''", "storage.memory.snapshot_path", "path"],
    [
      "[storage]\nbackend = 'hybridlog'\n[storage.hybridlog]\nmutable_size = 0",
      "mutable_size",
      "1 MB to 4 GB",
      "number 0",
    ],
    ["[storage]\nbackend = 'hybridlog'\n[storage.hybridlog]\nreadonly_size = '5GB'", "readonly_size", "1 MB to 4 GB"],
    ["[storage]\nbackend = 'hybridlog'\n[storage.hybridlog]\nindex_size = '1KB'", "index_size", "512 KB to 4 GB"],
    ["[storage]\nbackend = 'hybridlog'\n[storage.hybridlog]\nsegment_size = '1KB'", "segment_size", "1 MB to 1 GB"],
    [
      "[storage]\nbackend = 'hybridlog'\n[storage.hybridlog]\nsegment_size = '3MB'",
      "segment_size",
      "a power of two",
      '"3MB"',
    ],
    ["[storage]\nbackend = 'cloud'\n[storage.cloud]\ntimeout_ms = 3e9", "timeout_ms", "2,147,483,647 or less"],
    ["[storage]\nbackend = 'memory'\n[storage.cloud]\nprovider = 'aws'", "storage.cloud.provider", '"s3", "gcs"'],
    ["[storage]\nbackend 'memory'", "line 2, column"],
  ];
  for (const [toml, ...words] of wrong) {
    for (const word of words) assertFailsSync(() => parseConfig(toml), "CONFIG", word);
  }
});

test("a configuration object is checked in the same way, in camel case", () => {
  const wrong: [config: unknown, words: string][] = [
    [undefined, "storage must be a table"],
    [null, "storage must be a table"],
    ["memory", 'storage must be a table of settings, received "memory"'],
    [{}, "storage.backend is missing"],
    [{ backend: "memory", memory: { max_size: "1GB" } }, "storage.memory.max_size is not a setting; there are maxSize"],
    [{ backend: "memory", memory: { maxSize: 1 } }, "storage.memory.maxSize must be a size"],
    [{ backend: "memory", memory: { maxSize: NaN } }, "storage.memory.maxSize must be a size"],
    [{ backend: "memory", hybridlog: { dataDir: 5 } }, "storage.hybridlog.dataDir must be the path"],
    [{ backend: "memory", ["__proto__x"]: 1 }, "is not a setting"],
  ];
  for (const [config, words] of wrong) assertFailsSync(() => checkConfig(config), "CONFIG", words);
});

test("createStorage gives the store the configuration names, with its type", async () => {
  await using store = await createStorage({ backend: "memory", memory: { maxSize: "8MB", eviction: true } });
  const typed: MemoryStore = store; // fails to compile were it only a StorageEngine
  assert(typed instanceof MemoryStore);
  assertEquals(store.stats().maxBytes, 8 * 2 ** 20);
  await using loose = await createStorage(parseConfig(ADR));
  assertEquals(loose.stats().backend, "memory");
});

test("createStorage says which backends are not there yet, and what is wrong", async () => {
  await assertFails(() => createStorage({ backend: "memory", memory: { maxSize: "1" } }), "CONFIG", "maxSize");
  await assertFails(() => createStorage({ backend: "disk" } as unknown as StorageConfig), "CONFIG", '"disk"');
});

test("createStorage opens a hybrid log, whose type is known", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "ferrite-"));
  try {
    await using store = await createStorage({
      backend: "hybridlog",
      hybridlog: { dataDir, mutableSize: "4MB", readonlySize: "8MB", durability: "manual" },
    });
    const typed: HybridLogStore = store;
    assertEquals(typed.stats().maxBytes, 12 * 2 ** 20);
    await assertFails(
      () => createStorage({ backend: "hybridlog", hybridlog: { dataDir, mutableSize: "4GB", readonlySize: "1GB" } }),
      "CONFIG",
      "8 MB to 4 GB together",
    );
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

const S3_KEYS = { accessKeyId: "id", secretAccessKey: "hush" };

test("createStorage sets up a cloud store, whose type is known, and asks for nothing by that", async () => {
  const toml = `
    [storage]
    backend = "cloud"
    [storage.cloud]
    provider = "s3"
    bucket = "ferrite-data"
    region = "us-east-1"
    endpoint = "http://127.0.0.1:1"
    prefix = "app/"
    [storage.cloud.credentials]
    access_key_id = "id"
    secret_access_key = "hush"
    [storage.cloud.cache]
    size = "32MB"
    max_staleness_ms = 1000
  `;
  await using parsed = await createStorage(parseConfig(toml));
  assertEquals(parsed.stats().maxBytes, 32 * 2 ** 20);
  for (const provider of ["s3", "gcs", "azure"] as const) {
    const credentials = () => Promise.resolve({ token: "t" });
    await using store = await createStorage({
      backend: "cloud",
      cloud: { provider, bucket: "b", account: "a", credentials: provider === "s3" ? S3_KEYS : credentials },
    });
    const typed: CloudStore = store;
    assertEquals(typed.stats().reads, 0);
  }
});

test("what is missing of a cloud is named, and secrets are not shown", async () => {
  const cases: [CloudConfig | undefined, string][] = [
    [undefined, "storage.cloud.bucket is missing"],
    [{ bucket: "b" }, "storage.cloud.provider is missing"],
    [{ bucket: "b", provider: "s3" }, "storage.cloud.credentials is missing"],
    [{ bucket: "b", provider: "azure", credentials: { sas: "hush" } }, "storage.cloud.account is missing"],
    [{ bucket: "b", provider: "s3", endpoint: "not a URL", credentials: S3_KEYS }, "expected a URL"],
    [{ bucket: "b", provider: "s3", prefix: "no slash", credentials: S3_KEYS }, "prefix"],
    [{ bucket: "b", provider: "s3", credentials: { sas: "hush" } }, 'accessKeyId with provider "s3"'],
    [{ bucket: "b", provider: "azure", account: "a", credentials: S3_KEYS }, 'accountKey or sas with provider "azure"'],
    [
      { bucket: "b", provider: "s3", cache: { sise: 5 } } as never,
      "storage.cloud.cache.sise is not a setting; there are size",
    ],
  ];
  for (const [cloud, words] of cases) {
    await assertFails(() => createStorage({ backend: "cloud", cloud }), "CONFIG", words);
  }
  for (const credentials of ["hush", { secretAccessKey: "hush" }, { accountKey: 5, sas: "hush" }] as never[]) {
    const error = await createStorage({ backend: "cloud", cloud: { bucket: "b", credentials } }).catch((error) =>
      error
    );
    assertEquals([error.code, error.message.includes("hush")], ["CONFIG", false], error.message);
  }
});

test("credentials come from the environment when that is asked for", async () => {
  const names = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hush", AZURE_STORAGE_SAS_TOKEN: "sig=hush" };
  const open = (provider: "s3" | "azure") =>
    createStorage({ backend: "cloud", cloud: { provider, bucket: "b", account: "a", credentials: "environment" } });
  for (const name of Object.keys(names)) delete process.env[name];
  await assertFails(() => open("s3"), "CONFIG", "no variable AWS_ACCESS_KEY_ID");
  await assertFails(() => open("azure"), "CONFIG", "no variable AZURE_STORAGE_KEY");
  Object.assign(process.env, names);
  await (await open("s3")).close();
  await (await open("azure")).close();
  for (const name of Object.keys(names)) delete process.env[name];
});

test("a key file of Google that is none is CONFIG, and its contents are not shown", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ferrite-"));
  const open = () =>
    createStorage({ backend: "cloud", cloud: { provider: "gcs", bucket: "b", credentials: "environment" } });
  delete process.env.GOOGLE_OAUTH_ACCESS_TOKEN;
  const path = process.env.GOOGLE_APPLICATION_CREDENTIALS = join(directory, "key.json");
  try {
    await assertFails(open, "CONFIG", "key.json");
    for (const text of ["hush", '{"client_email":"a@b"}', "null", '{"client_email":5,"private_key":"hush"}']) {
      await writeFile(path, text);
      const error = await open().catch((error) => error);
      assertEquals([error.code, error.message.includes("key.json"), /hush/.test(error.message)], [
        "CONFIG",
        true,
        false,
      ]);
    }
    await writeFile(path, '{"client_email":"a@b","private_key":"hush"}');
    await (await open()).close();
  } finally {
    delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    await rm(directory, { recursive: true });
  }
});

test("loadConfig reads a file, and says when there is none", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ferrite-"));
  try {
    const path = join(directory, "ferrite.toml");
    await writeFile(path, ADR);
    assertEquals((await loadConfig(path)).backend, "memory");
    await assertFails(() => loadConfig(join(directory, "none.toml")), "UNAVAILABLE", "none.toml");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("sizes are powers of 1024", () => {
  const sizes: [string | number, number | null][] = [
    [5, 5],
    ["5", 5],
    ["5B", 5],
    ["1KB", 1024],
    ["1.5 MiB", 1.5 * 2 ** 20],
    ["256mb", 256 * 2 ** 20],
    ["2g", 2 * 2 ** 30],
    ["1TB", 2 ** 40],
    ["-1MB", null],
    ["1e3", null],
    ["MB", null],
    [-1, null],
    [1.5, null],
    [Infinity, null],
  ];
  for (const [size, bytes] of sizes) assertEquals(parseSize(size), bytes, String(size));
});
