import { createHash } from "node:crypto";
import { type Bytes, MemoryStore } from "@ferrite/storage";
import type { Difference, Operations } from "./command.ts";
import { type Plain, textOf } from "./reply.ts";

/** A checkpoint under way while commands go on: what it holds must be what the store held at one moment since. */
export class Checkpoint {
  readonly #store: MemoryStore;
  readonly #digests: Set<string>;
  #path: string | null = null;
  readonly #written: Promise<void>;

  constructor(store: MemoryStore, path: string) {
    this.#store = store;
    this.#digests = new Set([digest(store)]);
    this.#written = store.checkpoint(path).then((path) => {
      this.#path = path;
    });
  }

  /** To be called between any two moments at which the checkpoint may begin, that is before other tasks get to run. */
  note(): void {
    if (this.#path === null) this.#digests.add(digest(this.#store));
  }

  /** Restores it elsewhere. */
  async finish(maxSize: `${number}MB`): Promise<Difference | null> {
    await this.#written;
    await using other = new MemoryStore({ maxSize });
    await other.restore(this.#path!);
    if (this.#digests.has(digest(other))) return null;
    return { ours: "a checkpoint of no moment since it was begun", theirs: `${this.#digests.size} moments` };
  }
}

/** The same for the same content. */
function digest(store: MemoryStore): string {
  const { sync } = store as unknown as { sync: Operations };
  const all = [...sync.keys()].map((key): Plain[] => [
    textOf(key),
    sync.type(key),
    sync.ttl(key) === Infinity ? 0 : 1,
    contentOf(sync, key),
  ]);
  all.sort(([a], [b]) => a! < b! ? -1 : 1);
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}

function contentOf(sync: Operations, key: Bytes): Plain {
  switch (sync.type(key)) {
    case "list":
      return sync.lrange(key, 0, -1).map(textOf);
    case "set":
      return sync.smembers(key).map(textOf).sort();
    case "hash":
      return sync.hgetall(key).map((entry) => JSON.stringify(entry.map(textOf))).sort();
    case "zset":
      return sync.zrangeWithScores(key, 0, -1).map(([member, score]) => [textOf(member), String(score)]);
    default:
      return textOf(sync.get(key));
  }
}
