// Commands drawn from their syntax, which is written as in Redis's documentation: words as they are, names in capitals for
// what is drawn, [one | or another | or nothing], (one | or another), and more+ for one to four.

import type { Argument } from "../../../src/commands/command.ts";
import type { Random } from "../../support/random.ts";

/** What a name in capitals stands for. */
export type Draw = (random: Random) => readonly Argument[];

type Item =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "choice"; readonly options: readonly Syntax[]; readonly mayBeNothing: boolean };

export type Syntax = readonly { readonly item: Item; readonly repeats: boolean }[];

const MOST_REPEATED = 4;

export function parseSyntax(text: string): Syntax {
  const tokens = text.match(/[[\]()|]|\+|[^\s[\]()|+]+/g) ?? [];
  let at = 0;
  const readSequence = (): Syntax => {
    const sequence: { item: Item; repeats: boolean }[] = [];
    while (at < tokens.length && !["]", ")", "|"].includes(tokens[at])) {
      const item = readItem();
      const repeats = tokens[at] === "+";
      if (repeats) at++;
      sequence.push({ item, repeats });
    }
    return sequence;
  };
  const readItem = (): Item => {
    const token = tokens[at++];
    if (token !== "[" && token !== "(") {
      return /^[A-Z]/.test(token) ? { kind: "name", name: token } : { kind: "word", word: token };
    }
    const options: Syntax[] = [];
    do options.push(readSequence()); while (tokens[at++] === "|");
    return { kind: "choice", options, mayBeNothing: token === "[" };
  };
  return readSequence();
}

/** Arguments that a syntax allows. */
export function drawFrom(syntax: Syntax, random: Random, draws: Readonly<Record<string, Draw>>): Argument[] {
  return syntax.flatMap(({ item, repeats }) => {
    const times = repeats ? 1 + random.below(MOST_REPEATED) : 1;
    return Array.from({ length: times }, () => drawItem(item, random, draws)).flat();
  });
}

function drawItem(item: Item, random: Random, draws: Readonly<Record<string, Draw>>): readonly Argument[] {
  if (item.kind === "word") return [random.below(4) === 0 ? item.word.toUpperCase() : item.word];
  if (item.kind === "name") {
    if (draws[item.name] === undefined) throw new Error(`nothing is drawn for ${item.name}`);
    return draws[item.name](random);
  }
  if (item.mayBeNothing && random.below(2) === 0) return [];
  return drawFrom(random.pick(item.options), random, draws);
}
