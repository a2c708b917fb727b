// Commands that say how many keys they have before they name them.

import type { Argument } from "./command.ts";
import { syntaxError } from "./errors.ts";
import { Options, toCount } from "./parse.ts";

/** What `LMPOP` and `ZMPOP` are told. */
export interface PopRequest<W> {
  readonly keys: readonly Argument[];
  /** Which end to take from. */
  readonly where: W;
  readonly count: number;
}

export function readPopRequest<W>(args: readonly Argument[], toWhere: (argument: Argument) => W): PopRequest<W> {
  const options = new Options(args, 0);
  const keys = options.takeMany(toCount(options.take(), 1, "ERR numkeys should be greater than 0"));
  const where = toWhere(options.take());
  let count: number | undefined;
  for (let word = options.next(); word !== null; word = options.next()) {
    if (word !== "count" || count !== undefined) throw syntaxError();
    count = toCount(options.take(), 1, "ERR count should be greater than 0");
  }
  return { keys, where, count: count ?? 1 };
}
