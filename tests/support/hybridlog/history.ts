import { MemoryStore } from "@ferrite/storage";
import type { Plain } from "../models/plain.ts";
import { type Content, type Holding, holdingOf } from "./content.ts";
import { type Deed, keysOf, performSync } from "./deeds.ts";
import type { World } from "./world.ts";

/** Deeds in their order, done to a store in memory, and what that held after each of them. */
export class History {
  /** What there was after so many deeds. */
  readonly states: Content[] = [new Map()];
  readonly deeds: { deed: Deed; at: number }[] = [];
  readonly #memory = new MemoryStore({ maxSize: "128MB" });
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** How many deeds there were. */
  get length(): number {
    return this.deeds.length;
  }

  /** Does one more. Returns what it gave. */
  perform(deed: Deed): Plain {
    const { now } = this.#world;
    const result = performSync(deed, this.#memory.sync);
    this.deeds.push({ deed, at: now });
    const keys = keysOf(deed);
    const state = new Map<string, Holding>(keys === null ? [] : this.states.at(-1));
    for (const key of keys ?? []) {
      const holding = holdingOf(this.#memory.sync, key, now);
      if (holding !== null) state.set(key, holding);
      // What has expired stays: a store may still count it.
      else if ((state.get(key)?.expiry ?? Infinity) > now) state.delete(key);
    }
    this.states.push(state);
    return result;
  }

  /** The history up to a state, as if nothing had happened after it. */
  until(state: number): History {
    const { now } = this.#world;
    const history = new History(this.#world);
    for (const { deed, at } of this.deeds.slice(0, state)) {
      this.#world.now = at;
      history.perform(deed);
    }
    this.#world.now = now;
    return history;
  }
}
