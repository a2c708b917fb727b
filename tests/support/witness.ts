import { assertEquals } from "@std/assert";
import { type HybridLogStore, MemoryStore } from "@ferrite/storage";
import { assertSameContents, contentOf, type Contents, contentsOf } from "./contents.ts";
import { SHARED_KEYS, WRITERS } from "./writers.ts";

/** Knows what writers have done, by doing the same to a store in memory, and so what another store must hold. */
export class Witness {
  readonly #model = new MemoryStore({ maxSize: "256MB" });
  /** The steps that each writer has done. */
  readonly steps: number[] = WRITERS.map(() => 0);

  async #doNext(writer: number): Promise<void> {
    await WRITERS[writer].step(this.#model, ++this.steps[writer]);
  }

  /** Whether a writer's keys are as they have been found. */
  #agrees(found: Contents, writer: number): boolean {
    return WRITERS[writer].keys.every((key) => {
      return JSON.stringify(found[key] ?? null) === JSON.stringify(contentOf(this.#model.sync, key));
    });
  }

  #assertAllAgree(found: Contents): void {
    const sum = SHARED_KEYS.reduce((sum, key) => sum + Number(found[key]?.[2] ?? 0), 0);
    assertEquals(sum, 0, "a transfer was done by half");
    assertSameContents(found, contentsOf(this.#model.sync));
  }

  /**
   * Every writer's keys must be as after the steps that were acknowledged to it, or after one more, which was under way; and there
   * must be nothing else.
   */
  async assertAcknowledged(store: HybridLogStore, acknowledged: readonly number[]): Promise<void> {
    const found = contentsOf(store.sync);
    for (const writer of WRITERS.keys()) {
      while (this.steps[writer] < acknowledged[writer]) await this.#doNext(writer);
      if (!this.#agrees(found, writer)) await this.#doNext(writer);
    }
    this.#assertAllAgree(found);
  }

  /**
   * With writers that take turns: the store must be as it was after some number of turns, `sure` or more, but not more than
   * `most`. Returns that number.
   */
  async assertPrefix(store: HybridLogStore, sure: number, most: number): Promise<number> {
    const found = contentsOf(store.sync);
    let turns = this.steps.reduce((a, b) => a + b);
    while (turns < Math.max(sure, turnsCounted(found))) await this.#doNext(turns++ % WRITERS.length);
    const differing = new Set([...WRITERS.keys()].filter((writer) => !this.#agrees(found, writer)));
    while (differing.size > 0 && turns < most) {
      const writer = turns++ % WRITERS.length;
      await this.#doNext(writer);
      if (this.#agrees(found, writer)) differing.delete(writer);
      else differing.add(writer);
    }
    assertEquals([...differing], [], `the store is not as it was after any of the turns ${sure} to ${most}`);
    this.#assertAllAgree(found);
    return turns;
  }
}

/** The last turn of the writer who counts its steps. */
function turnsCounted(found: Contents): number {
  const counter = WRITERS.findIndex(({ keys }) => keys.includes("counter:0"));
  const steps = Number(found["counter:0"]?.[2] ?? 0);
  return steps === 0 ? 0 : (steps - 1) * WRITERS.length + counter + 1;
}
