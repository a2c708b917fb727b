import { CloudStore, type ObjectStorage, s3 } from "../../../src/cloud/mod.ts";
import type { CloudContender, CloudEffort, Place } from "./contender.ts";

/** It has all that was written, so that it knows versions. */
const WRITER_CACHE = "512MB";

/** Ferrite as it is without any settings, but for the cache of the one who writes. */
export async function openFerrite({ target, prefix }: Place): Promise<CloudContender> {
  const storage = s3(target);
  return new Ferrite(storage, prefix);
}

class Ferrite implements CloudContender {
  readonly #storage: ObjectStorage;
  readonly #prefix: string;
  readonly #writer: CloudStore;
  #reader: CloudStore;
  /** Of readers that are closed. */
  readonly #before: CloudEffort = { requests: 0, bytes: 0 };

  constructor(storage: ObjectStorage, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#writer = new CloudStore({ storage, prefix, cache: { size: WRITER_CACHE } });
    this.#reader = new CloudStore({ storage, prefix });
  }

  async forget(): Promise<void> {
    const { requests, bytes } = effortOf(this.#reader);
    this.#before.requests += requests;
    this.#before.bytes += bytes;
    await this.#reader.close();
    this.#reader = new CloudStore({ storage: this.#storage, prefix: this.#prefix });
    await this.#reader.exists("what it takes to begin");
  }

  fill(key: string, value: Uint8Array): Promise<boolean> {
    return this.#writer.set(key, value);
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#reader.get(key);
  }

  mget(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return this.#reader.mget(keys);
  }

  set(key: string, value: Uint8Array): Promise<boolean> {
    return this.#writer.set(key, value);
  }

  incr(key: string): Promise<number> {
    return this.#reader.incrBy(key);
  }

  effort(): CloudEffort {
    const efforts = [this.#before, effortOf(this.#writer), effortOf(this.#reader)];
    return {
      requests: efforts.reduce((sum, { requests }) => sum + requests, 0),
      bytes: efforts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()]);
  }
}

function effortOf(store: CloudStore): CloudEffort {
  const { reads, writes, deletes, lists, bytesRead, bytesWritten } = store.stats();
  return { requests: reads + writes + deletes + lists, bytes: bytesRead + bytesWritten };
}
