import type { ValueType } from "../engine.ts";
import type { Argument, Run } from "./command.ts";
import { type Awaitable, into, type Reply, ReplyError } from "./reply.ts";
import { type Subcommand, subcommands } from "./subcommands.ts";
import type { Target } from "./target.ts";

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map(Object.entries({
  encoding: {
    arity: 3,
    help: ["ENCODING <key>", "How the value under a key is kept: raw bytes, or a btree of elements."],
    run: (on, [key]) => ofValue(on, key, (type) => type === "string" ? "raw" : "btree"),
  },
  refcount: {
    arity: 3,
    help: ["REFCOUNT <key>", "How many keys share the value under a key: 1."],
    run: (on, [key]) => ofValue(on, key, () => 1),
  },
  idletime: {
    arity: 3,
    help: ["IDLETIME <key>", "Not known: when keys were last used is not kept."],
    run: (on, [key]) => ofValue(on, key, () => notKept("idle time")),
  },
  freq: {
    arity: 3,
    help: ["FREQ <key>", "Not known: how often keys are used is not kept."],
    run: (on, [key]) => ofValue(on, key, () => notKept("access frequency")),
  },
}));

export const object: Run = subcommands("object", SUBCOMMANDS);

/** What is said of the value under a key; null where there is none. */
function ofValue(on: Target, key: Argument, say: (type: ValueType) => Reply): Awaitable<Reply> {
  return into(on.keys.type(key), (type) => type === null ? null : say(type));
}

function notKept(what: string): never {
  throw new ReplyError(`ERR ${what} not tracked`);
}
