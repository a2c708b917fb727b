import type { HybridLogStore, KeysOptions, ScanOptions, ScanResult, Transaction } from "@ferrite/storage";
import { pause } from "../../../src/runtime/pause.ts";
import { pattern } from "../bytes.ts";
import { FaultyFiles } from "../faulty_files.ts";
import { Random } from "../random.ts";
import { CHAINS, NODE_MATES } from "./chain_mates.ts";
import { inTime } from "./call_order.ts";
import { openOn } from "./order_run.ts";
import { SlowFiles } from "./slow_files.ts";
import { drawSetting, type Opened } from "./small_store.ts";
import { World } from "./world.ts";

/** Everything that is written while a scan goes on is written in so many of its steps; then it must come to its end. */
const DISTURBED_STEPS = 60;
const MOST_STEPS = 100_000;

/**
 * Goes over all keys in one of the ways there are, while others write: to keys that stay there, some of which are changed again
 * and again, and to others that come and go. Each that stays must be given, and none that never was.
 */
export async function scanRun(seed: number): Promise<void> {
  try {
    using _world = new World();
    await new ScanRun(seed).go();
  } catch (error) {
    throw new Error(`scan run of seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
}

class ScanRun {
  readonly #random: Random;
  readonly #seed: number;
  readonly #quiet: string[] = [];
  readonly #busy: string[] = [];
  readonly #guests: string[] = [];
  readonly #underWay: Promise<unknown>[] = [];
  #steps = 0;
  #stamp = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    // Of keys that share chains some stay as they are, some change, some come and go.
    const mates = [...CHAINS.flat(), ...NODE_MATES.map(([key]) => key)];
    const groups = [this.#quiet, this.#busy, this.#guests];
    for (const key of mates) this.#random.pick(groups).push(key);
    for (let i = 0; i < 60; i++) this.#quiet.push(`quiet:${i}`);
    for (let i = 0; i < 20; i++) this.#busy.push(`busy:${i}`);
    for (let i = 0; i < 20; i++) this.#guests.push(`guest:${i}`);
  }

  async go(): Promise<void> {
    const random = this.#random;
    const files = new SlowFiles(new FaultyFiles({ seed: this.#seed }), new Random(this.#seed));
    const opened = await openOn(files, { ...drawSetting(random), compaction: false }, "data");
    const { store } = opened;
    if (random.below(8) === 0) { for (let i = 0; i < 2500; i++) this.#quiet.push(`short:${i}`); }
    const all = [...this.#quiet, ...this.#busy];
    // In any order, and some of them on disk.
    for (const key of shuffled(all, random)) {
      this.#fill(store.sync, key);
      if (random.below(50) === 0) opened.log.space.dropAll();
    }
    for (let i = 0; i < 3; i++) {
      const options = this.#options();
      const found = await inTime(this.#scan(opened, options), "the scan");
      await Promise.all(this.#underWay.splice(0));
      this.#assertFound(store, found, options);
    }
    await store.close();
  }

  /** Which keys to look for. */
  #options(): KeysOptions {
    const random = this.#random;
    if (random.below(4) === 0) return { match: random.pick(["quiet:*", "*1*", "k*"]) };
    return random.below(4) === 0 ? { type: "list" } : {};
  }

  async #scan(opened: Opened, options: KeysOptions): Promise<Set<string>> {
    const random = this.#random;
    const { store } = opened;
    const found = new Set<string>();
    const add = (key: Uint8Array) => found.add(new TextDecoder().decode(key));
    const step = async () => {
      if (++this.#steps > MOST_STEPS) throw new Error("the scan does not end");
      if (this.#steps < DISTURBED_STEPS) await this.#disturb(opened);
    };
    this.#steps = 0;
    const way = random.pick(["keys", "sync.keys", "scan", "sync.scan"]);
    if (way === "keys") {
      for await (const key of store.keys(options)) {
        add(key);
        if (random.below(20) === 0) await step();
      }
    } else if (way === "sync.keys") {
      for (const key of store.sync.keys(options)) {
        add(key);
        if (random.below(20) === 0) await step();
      }
    } else {
      const count = random.pick([1, 3, 10, 40, 1000]);
      let cursor: string | null = null;
      do {
        const part: ScanOptions = { ...options, cursor, count };
        const result: ScanResult = way === "scan" ? await store.scan(part) : store.sync.scan(part);
        result.keys.forEach(add);
        cursor = result.cursor;
        await step();
      } while (cursor !== null);
    }
    return found;
  }

  /** A few things that others do meanwhile, some of which are waited for. */
  async #disturb(opened: Opened): Promise<void> {
    const random = this.#random;
    for (let i = random.below(5); i > 0; i--) {
      const done = this.#change(opened);
      if (random.below(3) === 0) await done;
      else this.#underWay.push(done);
    }
    if (random.below(3) === 0) await pause();
  }

  async #change({ store, log }: Opened): Promise<unknown> {
    const random = this.#random;
    const [busy, other, guest] = [random.pick(this.#busy), random.pick(this.#busy), random.pick(this.#guests)];
    switch (random.below(16)) {
      case 0:
        return log.space.dropAll();
      case 1:
        return await store.compact();
      case 2:
        return await store.commit();
      case 3:
        return await store.saveIndex();
      case 4:
        return await store.del(guest);
      case 5:
        return store.sync.del(guest);
      case 6:
        return await store.rename(guest, random.pick(this.#guests));
      case 7:
        return await store.transact((tx) => this.#exchange(tx, busy, other));
      case 8:
        return await store.transact((tx) => {
          tx.del(busy);
          this.#fill(tx, busy);
        });
      case 9:
        // What it does is undone.
        return await store.transact((tx) => {
          tx.del(random.pick(this.#quiet));
          this.#fill(tx, busy);
          this.#fill(tx, guest);
          throw new Error("undone");
        }).catch(() => {});
      case 10:
        return await store.copy(busy, guest, { replace: true });
      case 11:
        return await store.expire(busy, 1_000_000);
      case 12:
        return this.#fill(store.sync, guest);
      default:
        return await store.transact((tx) => this.#fill(tx, busy));
    }
  }

  /** Two keys get what the other one has: both are there all the time. */
  #exchange(tx: Transaction, one: string, other: string): void {
    if (one === other) return;
    tx.rename(one, "between");
    tx.rename(other, one);
    tx.rename("between", other);
  }

  /** Has a key hold something, of any type. */
  #fill(face: HybridLogStore["sync"] | Transaction, key: string): void {
    const random = this.#random;
    const value = pattern(random.pick([0, 8, 8, 30, 300, 3000, 20_000]), ++this.#stamp);
    if (key.startsWith("short:")) return void face.set(key, value.subarray(0, 20));
    if (face.type(key) === "list" && random.below(2) === 0) return void face.rpush(key, [value]);
    if (random.below(2) === 0) return void face.set(key, value);
    face.del(key);
    const names = Array.from({ length: 1 + random.below(50) }, () => `m${random.below(1000)}`);
    if (random.below(2) === 0) face.rpush(key, [...names, value]);
    else face.zadd(key, names.map((name, i) => [i, name]));
  }

  #assertFound(store: HybridLogStore, found: Set<string>, { match, type }: KeysOptions): void {
    const isWanted = globOf(match as string | undefined);
    const staying = type === undefined ? [...this.#quiet, ...this.#busy] : this.#quiet;
    for (const key of staying) {
      if (!isWanted.test(key) || type !== undefined && store.sync.type(key) !== type) continue;
      if (!found.has(key)) throw new Error(`${key}, which was there all the time, was not given`);
    }
    const known = new Set([...this.#quiet, ...this.#busy, ...this.#guests]);
    for (const key of found) {
      if (!known.has(key) || !isWanted.test(key)) throw new Error(`${key} was given`);
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = items.slice();
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

function globOf(match: string = "*"): RegExp {
  return new RegExp(`^${match.replaceAll("*", ".*")}$`);
}
