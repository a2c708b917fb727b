import { MemoryStore, StorageError } from "@ferrite/storage";
import { difference, type Plain, plainResult } from "../models/plain.ts";
import { contentOf, type Store } from "./content.ts";
import { type Operation, perform } from "./operations.ts";

/** What a key may yet come to hold by a write that is late, and the number of the last operation in it. */
interface Late {
  readonly state: string;
  readonly last: number;
}

/** One way in which things may stand: what the key holds, and what may come. */
interface World {
  readonly state: string;
  /** It counts on `state`: it does not come any more when that has changed. */
  readonly late: readonly Late[];
}

/** Keeps states, in a store to which nothing can happen. */
export class States {
  readonly #store: Store = new MemoryStore({ maxSize: "128MB" });
  /** The key under which each state is kept. */
  readonly #keys = new Map<string, string>([["nothing", "state 0"]]);

  /** What an operation comes to in a state. One at a time. */
  async after(state: string, operation: Operation): Promise<{ result: Plain; state: string }> {
    await this.#store.del("now");
    await this.#store.copy(this.#keys.get(state)!, "now");
    const result = await perform(this.#store, "now", operation);
    const next = await contentOf(this.#store, "now");
    if (!this.#keys.has(next)) {
      this.#keys.set(next, `state ${this.#keys.size}`);
      await this.#store.copy("now", this.#keys.get(next)!);
    }
    return { result, state: next };
  }
}

/** All that a key may hold, going by what was acknowledged, and what may or may not have taken place. */
export class Worlds {
  readonly #states: States;
  #worlds: World[] = [{ state: "nothing", late: [] }];
  readonly #history: string[] = [];
  /** Of which nobody knows what became of them. */
  #operations = 0;

  constructor(states: States) {
    this.#states = states;
  }

  /** An operation was answered. */
  async answered(operation: Operation, result: Plain): Promise<void> {
    const worlds: World[] = [];
    let objection: string | null = null;
    for (const world of this.#arrive()) {
      const after = await this.#states.after(world.state, operation);
      objection = difference(result, after.result);
      if (objection !== null) continue;
      worlds.push(after.state === world.state ? world : { state: after.state, late: [] });
    }
    this.#note(operation, "answered", JSON.stringify(result));
    if (worlds.length === 0) this.#fail(objection!);
    this.#worlds = distinct(worlds);
  }

  /** Nobody knows what became of it. It may have been written together with the operation before it, if that is unknown too. */
  async unknown(operation: Operation, isTogether: boolean): Promise<void> {
    const worlds: World[] = [];
    const last = ++this.#operations;
    for (const { state, late } of this.#arrive()) {
      const bases = [state, ...late.filter((other) => isTogether && other.last === last - 1).map(({ state }) => state)];
      const more: string[] = [];
      for (const base of bases) more.push((await this.#states.after(base, operation)).state);
      worlds.push({ state, late: [...late, ...more.map((state) => ({ state, last }))] });
    }
    this.#note(operation, "unknown");
    this.#worlds = distinct(worlds);
  }

  /** It was said to have failed. */
  failed(operation: Operation): void {
    this.#note(operation, "failed");
  }

  /** The key must hold one of the things that it may. */
  check(content: string): void {
    if (!this.#arrive().some(({ state }) => state === content)) {
      this.#fail(`it holds ${content}, and may hold ${this.#arrive().map(({ state }) => state).join(" or ")}`);
    }
  }

  /** What is late may come at any time. */
  #arrive(): World[] {
    return distinct(this.#worlds.flatMap((world) => [world, ...world.late.map(({ state }) => ({ state, late: [] }))]));
  }

  #note({ method, args }: Operation, ...words: string[]): void {
    this.#history.push(
      `${method}(${args.map((arg) => String(JSON.stringify(plainResult(arg)) ?? arg)).join(", ")}) ${words.join(" ")}`,
    );
  }

  #fail(what: string): never {
    throw new StorageError("CORRUPT", `${what}; its history:\n${this.#history.slice(-20).join("\n").slice(-4000)}`);
  }
}

function distinct(worlds: World[]): World[] {
  const nameOf = ({ state, late }: World) =>
    JSON.stringify([state, [...new Set(late.map(({ state, last }) => `${last} ${state}`))].sort()]);
  return [...new Map(worlds.map((world) => [nameOf(world), world])).values()];
}
