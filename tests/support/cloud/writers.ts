import { assert, assertEquals } from "@std/assert";
import { textOf } from "../bytes.ts";
import type { Store } from "./content.ts";
import { type Outcome, outcomeIn } from "./outcome.ts";

export type KindName = "counter" | "list" | "score" | "keys" | "longList" | "members" | "value";

/** What writers do again and again to one key that they share, or to keys of their own. */
interface Kind {
  /** `mark` is that of no other step. */
  step(store: Store, mark: string): Promise<unknown>;
  /** The marks of the steps that have taken place, or how many have. */
  found(store: Store): Promise<string[] | number>;
  /** Whether marks are found in the order in which they were left. */
  readonly isOrdered?: boolean;
}

/** Up to some 3,000 characters, so that a few steps need many objects where those are small. */
const padded = (mark: string) => `${mark} ${"x".repeat(Number(mark.split(":")[1]) * 37 % 3000)}`;
const markIn = (text: Uint8Array) => textOf(text)!.split(" ")[0];
const STEP_MARK = /\S+:\d+ x*;/g;

const KINDS: Record<KindName, Kind> = {
  counter: {
    step: (store) => store.incrBy("counter"),
    found: async (store) => Number(textOf(await store.get("counter"))),
  },
  list: {
    step: (store, mark) => store.rpush("list", [mark]),
    found: async (store) => (await store.lrange("list", 0, -1)).map(markIn),
    isOrdered: true,
  },
  score: {
    step: (store) => store.zincrBy("score", 1, "all"),
    found: async (store) => await store.zscore("score", "all") ?? 0,
  },
  keys: {
    step: (store, mark) => store.set(`key:${mark}`, mark, { ifAbsent: true }),
    found: async (store) => {
      const keys: string[] = [];
      for await (const key of store.keys({ match: "key:*" })) keys.push(textOf(key)!.slice("key:".length));
      return keys;
    },
  },
  longList: {
    step: (store, mark) => store.rpush("long list", [padded(mark)]),
    found: async (store) => (await store.lrange("long list", 0, -1)).map(markIn),
    isOrdered: true,
  },
  members: {
    step: (store, mark) => store.zadd("members", [[Number(mark.split(":")[1]) % 7, padded(mark)]]),
    found: async (store) => (await store.zrange("members", 0, -1)).map(markIn),
  },
  value: {
    step: (store, mark) => store.append("value", `${padded(mark)};`),
    found: async (store) => {
      const value = textOf(await store.get("value")) ?? "";
      const steps = value.match(STEP_MARK) ?? [];
      assertEquals(steps.join(""), value, "there is something else");
      return steps.map((step) => step.split(" ")[0]);
    },
    isOrdered: true,
  },
};

export const KIND_NAMES: readonly KindName[] = Object.keys(KINDS) as KindName[];

/** Does steps of each of these kinds one after another as long as `goesOn`, and tells in a line what became of each. */
export async function write(
  store: Store,
  writer: string,
  kinds: readonly KindName[],
  goesOn: (n: number) => boolean,
  tell: (line: string) => void,
): Promise<void> {
  await Promise.all(kinds.map(async (kind) => {
    for (let n = 0; goesOn(n); n++) {
      const mark = `${writer}:${n}`;
      try {
        const result = await KINDS[kind].step(store, mark);
        tell(`${kind} ${mark} acknowledged${kind === "counter" ? ` ${result}` : ""}`);
      } catch (error) {
        tell(`${kind} ${mark} ${outcomeIn(error)}`);
      }
    }
  }));
}

/** What writers were told. */
export class Ledger {
  readonly #kinds: readonly KindName[];
  /** Of each kind, what became of the steps, by their marks. */
  readonly #steps = new Map<KindName, Map<string, Outcome>>();
  readonly #sums: string[] = [];

  constructor(kinds: readonly KindName[]) {
    this.#kinds = kinds;
    for (const kind of kinds) this.#steps.set(kind, new Map());
  }

  /** A line of `write`. */
  note(line: string): void {
    const [kind, mark, outcome, sum] = line.split(" ");
    this.#steps.get(kind as KindName)!.set(mark, outcome as Outcome);
    if (sum !== undefined) this.#sums.push(sum);
  }

  /** A writer was killed: the step of each kind that it was about to do, or was doing, may have taken place. */
  killed(writer: string): void {
    for (const steps of this.#steps.values()) {
      let n = 0;
      while (steps.has(`${writer}:${n}`)) n++;
      steps.set(`${writer}:${n}`, "unknown");
    }
  }

  /** How many steps have come to what. */
  counts(kind?: KindName): Record<Outcome, number> {
    const counts = { acknowledged: 0, unknown: 0, failed: 0 };
    for (const name of kind === undefined ? this.#kinds : [kind]) {
      for (const outcome of this.#steps.get(name)!.values()) counts[outcome]++;
    }
    return counts;
  }

  /** What was acknowledged must have taken place once, what is unknown at most once, what failed not at all. */
  async judge(store: Store): Promise<void> {
    for (const kind of this.#kinds) {
      const found = await KINDS[kind].found(store);
      if (typeof found === "number") this.#judgeCount(kind, found);
      else this.#judgeMarks(kind, found);
    }
    assertEquals(new Set(this.#sums).size, this.#sums.length, "two increments were told the same sum");
  }

  #judgeCount(kind: KindName, found: number): void {
    const { acknowledged, unknown } = this.counts(kind);
    assert(
      found >= acknowledged && found <= acknowledged + unknown,
      `${kind}: ${found} steps took place, ${acknowledged} were acknowledged, ${unknown} are unknown`,
    );
  }

  #judgeMarks(kind: KindName, found: readonly string[]): void {
    const steps = this.#steps.get(kind)!;
    const present = new Set(found);
    assertEquals(found.length, present.size, `${kind}: a step took place twice`);
    for (const mark of found) {
      const outcome = steps.get(mark);
      assert(outcome === "acknowledged" || outcome === "unknown", `${kind}: ${mark} took place, and is ${outcome}`);
    }
    const lost = [...steps].filter(([mark, outcome]) => outcome === "acknowledged" && !present.has(mark));
    assertEquals(lost.map(([mark]) => mark), [], `${kind}: acknowledged steps are lost`);
    if (KINDS[kind].isOrdered) this.#judgeOrder(kind, found);
  }

  /** Those of one writer that were acknowledged stand in the order in which it did them. */
  #judgeOrder(kind: KindName, found: readonly string[]): void {
    const steps = this.#steps.get(kind)!;
    const last = new Map<string, number>();
    for (const mark of found.filter((mark) => steps.get(mark) === "acknowledged")) {
      const [writer, n] = mark.split(":");
      assert(Number(n) > (last.get(writer) ?? -1), `${kind}: steps of writer ${writer} changed places at ${n}`);
      last.set(writer, Number(n));
    }
  }
}
