import { type Argument, type Command, other } from "./command.ts";
import { syntaxError } from "./errors.ts";
import { info } from "./info.ts";
import { object } from "./object.ts";
import { wordOf } from "./parse.ts";
import { type Awaitable, into, type Reply, toOk } from "./reply.ts";
import type { Target } from "./target.ts";

export const SERVER: readonly Command[] = [
  other("dbsize", 1, ["read", "wide"], (on) => on.keys.size()),
  other("flushdb", -1, ["write", "wide"], flush),
  other("flushall", -1, ["write", "wide"], flush),
  other("time", 1, [], time),
  other("info", -1, [], info),
  other("object", -2, ["read"], object),
];

/** `ASYNC` and `SYNC` say when room is given back, which the store decides by itself. */
function flush(on: Target, args: readonly Argument[]): Awaitable<Reply> {
  const [mode] = args;
  if (args.length > 1 || mode !== undefined && !["async", "sync"].includes(wordOf(mode))) throw syntaxError();
  return into(on.clear(), toOk);
}

/** Seconds, and microseconds behind them, as texts. */
function time(): Reply {
  const now = Date.now();
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)];
}
