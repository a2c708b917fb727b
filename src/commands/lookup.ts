// Redis looks some keys up before it looks at arguments: then what is wrong with the key comes first.

import type { ValueType } from "../engine.ts";
import type { Argument } from "./command.ts";
import { WRONG_TYPE } from "./errors.ts";
import { all, type Awaitable, into, type Reply, ReplyError } from "./reply.ts";
import type { Target } from "./target.ts";

/** Refuses arguments that would matter only for a key of this type: `missing` is what a key that holds nothing comes to. */
export function refuse(
  on: Target,
  key: Argument,
  expected: ValueType,
  missing: Reply,
  error: unknown,
): Awaitable<Reply> {
  return into(on.keys.type(key), (type) => {
    if (type !== null) throw type === expected ? error : new ReplyError(WRONG_TYPE);
    if (missing instanceof ReplyError) throw missing;
    return missing;
  });
}

/** Refuses arguments behind several keys, which must hold one of these types or nothing. */
export function refuseBehind(
  on: Target,
  keys: readonly Argument[],
  expected: readonly ValueType[],
  error: unknown,
): Awaitable<Reply> {
  return into(all(keys.map((key) => on.keys.type(key))), (types) => {
    throw types.every((type) => type === null || expected.includes(type)) ? error : new ReplyError(WRONG_TYPE);
  });
}
