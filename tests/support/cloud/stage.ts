import { type CloudOptions, CloudStore, memoryObjects, type ObjectStorage } from "@ferrite/storage/cloud";
import { Random } from "../random.ts";
import { type Fate, FaultyBucket, type Request } from "./faulty_bucket.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Stores on one bucket, in virtual time, to whose requests happens what a test says. */
export class Stage {
  readonly objects: ObjectStorage = memoryObjects();
  readonly clock: VirtualClock = new VirtualClock(new Random(1));
  readonly bucket: FaultyBucket;
  readonly #script: [method: Request["method"], fate: Fate][] = [];

  constructor() {
    this.bucket = new FaultyBucket(this.objects, this.clock, ({ method }) => {
      const at = this.#script.findIndex(([wanted]) => wanted === method);
      return at < 0 ? { what: "served" } : this.#script.splice(at, 1)[0][1];
    });
  }

  /** What becomes of the next request of this kind for which nothing was said yet. */
  next(method: Request["method"], ...fates: Fate[]): void {
    for (const fate of fates) this.#script.push([method, fate]);
  }

  /** A store over the bad connection. */
  store(options: Partial<CloudOptions> = {}): CloudStore {
    return new CloudStore({ storage: this.bucket, timeoutMs: 200, attempts: 3, ...options }, { clock: this.clock });
  }

  /** A store over a good one. */
  other(options: Partial<CloudOptions> = {}): CloudStore {
    return new CloudStore({ storage: this.objects, ...options }, { clock: this.clock });
  }

  /** How many requests a call takes. */
  async requestsOf(call: () => Promise<unknown>): Promise<number> {
    const before = this.#requests();
    await call();
    return this.#requests() - before;
  }

  #requests(): number {
    return Object.values(this.bucket.requests).reduce((sum, count) => sum + count, 0);
  }
}

/** Runs a test on a stage, in its time, and waits for what is late. */
export async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage();
  await stage.clock.run(async () => {
    await play(stage);
    await stage.bucket.rest();
  });
}
