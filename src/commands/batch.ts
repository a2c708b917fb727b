// Several commands in one request: one after another, or all or nothing.

import { supportsTransactions } from "../capabilities.ts";
import type { StorageEngine } from "../engine.ts";
import type { Argument } from "./command.ts";
import { notAtomic, toReplyError } from "./errors.ts";
import { type Awaitable, type Reply, ReplyError } from "./reply.ts";
import { type ExecuteOptions, prepare, type Prepared, run } from "./table.ts";
import { Target } from "./target.ts";

export interface PipelineOptions extends ExecuteOptions {
  /**
   * Whether a command may begin before those before it have ended. Those on one key take effect in their order all the same,
   * and so do those about all keys.
   */
  overlaps?: boolean;
}

/** Runs commands in their order. One that fails does not keep the others from running. */
export async function pipeline(
  store: StorageEngine,
  commands: readonly (readonly Argument[])[],
  options: PipelineOptions = {},
): Promise<Reply[]> {
  const on = new Target(store);
  const replies: Awaitable<Reply>[] = [];
  for (const args of commands) {
    let prepared: Prepared;
    try {
      prepared = prepare(args, options);
    } catch (error) {
      replies.push(toReplyError(error));
      continue;
    }
    const isWide = prepared.command.flags.includes("wide");
    if (isWide) await Promise.all(replies);
    const reply = run(on, prepared);
    replies.push(isWide || options.overlaps !== true ? await reply : reply);
  }
  return await Promise.all(replies);
}

/**
 * Runs commands as one: nobody sees some of what they write without the rest. As in Redis, one that fails does not undo the
 * others. Rejects, with nothing done, where one of them could not be run at all, or the store has no transactions.
 */
export async function transaction(
  store: StorageEngine,
  commands: readonly (readonly Argument[])[],
  options: ExecuteOptions = {},
): Promise<Reply[]> {
  const prepared = commands.map((args) => prepareForTransaction(args, options));
  if (!supportsTransactions(store)) throw notAtomic("MULTI");
  try {
    return await store.transact((inner) => {
      const on = new Target(store, inner);
      return prepared.map((command) => unlessFault(run(on, command) as Reply));
    });
  } catch (error) {
    throw toReplyError(error);
  }
}

/** What is not the client's doing undoes all. */
function unlessFault(reply: Reply): Reply {
  if (reply instanceof ReplyError && reply.cause !== undefined) throw reply;
  return reply;
}

function prepareForTransaction(args: readonly Argument[], options: ExecuteOptions): Prepared {
  try {
    const prepared = prepare(args, options);
    const { flags } = prepared.command;
    if (flags.includes("write") && flags.includes("wide")) {
      throw new ReplyError("ERR Command not allowed inside a transaction");
    }
    return prepared;
  } catch (error) {
    throw new ReplyError(`EXECABORT Transaction discarded because of: ${toReplyError(error).message}`);
  }
}
