import type { Random } from "../random.ts";
import { contentOf, type Store } from "./content.ts";
import { drawOperation, perform, TYPE_NAMES } from "./operations.ts";
import { type Outcome, outcomeIn } from "./outcome.ts";
import { States, Worlds } from "./worlds.ts";

/** Random operations of all types on a store that may fail, and what its keys may hold after them. */
export class RandomRun {
  readonly outcomes: Record<Outcome, number> = { acknowledged: 0, unknown: 0, failed: 0 };
  readonly #random: Random;
  readonly #states = new States();
  readonly #worlds = new Map<string, Worlds>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Some operations on one key at the same time, which are answered in their order. Returns how many. */
  async step(store: Store): Promise<number> {
    const type = this.#random.pick(TYPE_NAMES);
    const key = `${type}:${this.#random.below(2)}`;
    const worlds = this.#worlds.get(key) ?? new Worlds(this.#states);
    this.#worlds.set(key, worlds);
    const operations = Array.from({ length: 1 + this.#random.below(4) }, () => drawOperation(this.#random, type));
    const answers = await Promise.allSettled(operations.map((operation) => perform(store, key, operation)));
    let before: Outcome | null = null;
    for (const [i, answer] of answers.entries()) {
      const outcome: Outcome = answer.status === "fulfilled" ? "acknowledged" : outcomeIn(answer.reason);
      this.outcomes[outcome]++;
      if (answer.status === "fulfilled") await worlds.answered(operations[i], answer.value);
      else if (outcome === "unknown") await worlds.unknown(operations[i], before === outcome);
      else worlds.failed(operations[i]);
      before = outcome;
    }
    return operations.length;
  }

  /** Every key must hold one of the things that it may. */
  async check(store: Store): Promise<void> {
    for (const [key, worlds] of this.#worlds) worlds.check(await contentOf(store, key));
  }
}
