import { StorageError } from "../errors.ts";
import { bytesOfName } from "../records/names.ts";
import { Attempts } from "./attempts.ts";
import type { Clock } from "./clock.ts";
import { decode, type Root, WriteIds } from "./format.ts";
import { Garbage } from "./garbage.ts";
import { Names } from "./names.ts";
import type { Abilities, StoredObject } from "./object_storage.ts";
import type { CheckedCloudOptions } from "./options.ts";
import type { CloudSpace } from "./space.ts";

/** A write begins anew at most so often because others have written to the key. */
export const MAX_CONFLICTS = 100;

/** What the bucket has answered about a key. */
export interface Found {
  /** Of the key, and of its object. */
  readonly name: string;
  readonly objectName: string;
  readonly object: StoredObject | null | "unchanged";
  /** When it was asked, as the store counts its calls and requests, and by the clock, which may be coarse, or stand still. */
  readonly askedAt: number;
  readonly checkedAt: number;
}

/** The objects of a store. */
export class Bucket {
  readonly space: CloudSpace;
  readonly names: Names;
  readonly requests: Attempts;
  readonly writeIds: WriteIds = new WriteIds();
  /**
   * Of what is written beside calls, as if by another store: of one writer an object remembers only the last write, which must not come
   * between a call's being sent and being looked for.
   */
  readonly upkeepIds: WriteIds = new WriteIds();
  readonly clock: Clock;
  readonly garbage: Garbage;
  readonly #prefix: string;
  #abilities: Promise<Abilities> | null = null;
  #places = 0;

  constructor(options: CheckedCloudOptions, space: CloudSpace, clock: Clock) {
    this.#prefix = options.prefix;
    this.space = space;
    this.clock = clock;
    this.names = new Names(options.prefix);
    this.requests = new Attempts(options.storage, options, clock);
    this.garbage = new Garbage(this, options.graceMs);
  }

  /** The place of a call or request among all of them. */
  takePlace(): number {
    return this.#places++;
  }

  /** Asks for the object of a key, unless it has the version that is known. */
  async ask(name: string, knownVersion: string | null): Promise<Found> {
    const askedAt = this.takePlace();
    const checkedAt = this.clock.now();
    const objectName = await this.names.of(bytesOfName(name));
    const object = await this.requests.getUnless(objectName, knownVersion ?? undefined);
    return { name, objectName, object, askedAt, checkedAt };
  }

  /** What an object says. `CORRUPT` if it is damaged. */
  decode({ body }: StoredObject, objectName: string): Root {
    return decode(this.space.core, body, objectName);
  }

  /** Asks once whether the bucket honours conditions, where that is not known. */
  probe(): Promise<Abilities> {
    if (this.#abilities === null) {
      const asked = this.requests.probe(`${this.#prefix}probe/`);
      this.#abilities = asked;
      asked.catch(() => {
        if (this.#abilities === asked) this.#abilities = null;
      });
    }
    return this.#abilities;
  }
}

export function conflict(): StorageError {
  return new StorageError("CONFLICT", `Cannot write: others have written to the key ${MAX_CONFLICTS} times meanwhile`);
}
