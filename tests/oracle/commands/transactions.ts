import { type Command, type Face, type Operations, type Outcome, outcomeOf } from "../command.ts";
import type { Draw } from "../draw.ts";

interface Transacts {
  transact<T>(change: (transaction: Operations) => T): T | Promise<T>;
}

class Aborted extends Error {}

/** Whether a store has transactions. */
export function transacts(store: object): boolean {
  return "transact" in store;
}

/**
 * Commands in a transaction, of which those that fail change nothing. Redis gets them one by one, and none of them when
 * the transaction is aborted.
 */
export function transaction(draw: Draw, commands: readonly Command[]): Command {
  const aborts = draw.once(3);
  const outcomesOf = (outcome: Outcome | null): readonly Outcome[] =>
    outcome?.code === null ? outcome.answer as readonly Outcome[] : [];
  const asksOf = (outcome: Outcome | null) =>
    outcome === null
      ? commands.map((command) => command.asks(null))
      : outcomesOf(outcome).map((inner, i) => commands[i].asks(inner));
  return {
    name: "transact",
    keys: [...new Set(commands.flatMap(({ keys }) => keys))],
    call: (face) => transact(face, commands, aborts),
    asks: (outcome) => asksOf(outcome).flat(),
    judge: (outcome, replies) => {
      if (outcome.code !== null) return { ours: outcome, theirs: "not asked" };
      let at = 0;
      for (const [i, asks] of asksOf(outcome).entries()) {
        const difference = commands[i].judge(outcomesOf(outcome)[i], replies.slice(at, at += asks.length));
        if (difference !== null) {
          return { ...difference, ours: { command: String(commands[i]), ours: difference.ours } };
        }
      }
      return null;
    },
    toString: () => `transact(tx => { ${commands.join("; ")}${aborts ? "; throw" : ""} })`,
  };
}

async function transact(face: Face, commands: readonly Command[], aborts: boolean): Promise<Outcome[]> {
  try {
    return await (face as unknown as Transacts).transact((inner) => {
      const outcomes = commands.map((command) => outcomeOf(() => command.call(inner)));
      if (aborts) throw new Aborted();
      return outcomes;
    });
  } catch (error) {
    if (error instanceof Aborted) return [];
    throw error;
  }
}
