import { createHash } from "node:crypto";
import type { StorageEngine } from "@ferrite/storage";
import type { Rate } from "./speed.ts";
import { check, duration, fact, inBatches, number, timed } from "./terminal.ts";

const BATCH = 200;

/** What was written, in a form that needs less room than itself: the SHA-256 of each value, by key. */
export class Digests {
  readonly #digests = new Map<string, string>();

  /** This has been written. */
  note(key: string, value: string | Uint8Array): void {
    this.#digests.set(key, digestOf(value));
  }

  /** Reads everything that has been written, and checks that it is what was written last. */
  async check(store: StorageEngine): Promise<Rate> {
    const keys = [...this.#digests.keys()];
    const [, ms] = await timed(() =>
      inBatches(keys, BATCH, async (batch) => {
        const values = await store.mget(batch);
        for (const [i, key] of batch.entries()) {
          const value = values[i];
          check(value !== null, `${key} is gone`);
          check(digestOf(value) === this.#digests.get(key), `${key} holds what was not written there`);
        }
      })
    );
    fact("checked", `all ${number(keys.length)} records are as they were written, byte by byte, ${duration(ms)}`);
    return { what: "check", how: `mget of ${BATCH}, SHA-256`, records: keys.length, ms };
  }
}

function digestOf(value: string | Uint8Array): string {
  return createHash("sha256").update(value).digest("base64");
}
