import { median } from "./data/median.ts";

/** Operations a second, of each round. */
export interface Rate {
  median: number;
  rounds: number[];
}

export class Rates {
  readonly #rounds = new Map<string, number[]>();

  note(name: string, operations: number, ms: number): void {
    const rounds = this.#rounds.get(name);
    if (rounds === undefined) this.#rounds.set(name, [operations / ms * 1_000]);
    else rounds.push(operations / ms * 1_000);
  }

  get(name: string): Rate | undefined {
    const rounds = this.#rounds.get(name);
    return rounds && { median: median(rounds), rounds };
  }

  /** Of all, by their names. */
  all(): Record<string, Rate> {
    return Object.fromEntries([...this.#rounds.keys()].map((name) => [name, this.get(name)!]));
  }
}
