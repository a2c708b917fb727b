import type { StorageEngine } from "../engine.ts";
import { COMBINATIONS } from "./combinations.ts";
import { type Argument, type Command, takes } from "./command.ts";
import { CONNECTION } from "./connection.ts";
import { toReplyError, wrongArity } from "./errors.ts";
import { HASHES } from "./hashes.ts";
import { commandCommand } from "./introspection.ts";
import { KEYS } from "./keys.ts";
import { LISTS } from "./lists.ts";
import { textOf, wordOf } from "./parse.ts";
import { attempt, type Awaitable, type Reply, ReplyError } from "./reply.ts";
import { SERVER } from "./server.ts";
import { SETS } from "./sets.ts";
import { SORTED_SET_RANGES } from "./sorted_set_ranges.ts";
import { SORTED_SETS } from "./sorted_sets.ts";
import { STRINGS } from "./strings.ts";
import { Target } from "./target.ts";

const table = new Map<string, Command>();

/** All commands by their names, in lower case. */
export const COMMANDS: ReadonlyMap<string, Command> = table;

for (
  const command of [
    STRINGS,
    KEYS,
    LISTS,
    HASHES,
    SETS,
    SORTED_SETS,
    SORTED_SET_RANGES,
    COMBINATIONS,
    CONNECTION,
    SERVER,
    [commandCommand(table)],
  ].flat()
) table.set(command.name, command);

/** As they are mostly written. */
const spelled = new Map([...table].flatMap(([name, command]) => [[name, command], [name.toUpperCase(), command]]));

function find(name: Argument): Command | undefined {
  return spelled.get(textOf(name)) ?? table.get(wordOf(name));
}

/** Under which conditions a command is run. */
export interface ExecuteOptions {
  /** Refuses what writes, and what goes over all keys. */
  readOnly?: boolean;
}

/** A command that may be run, with what comes behind its name. */
export interface Prepared {
  readonly command: Command;
  readonly args: readonly Argument[];
}

/** Finds the command that these arguments, its name included, are for. Throws a `ReplyError` where they cannot be run. */
export function prepare(args: readonly Argument[], { readOnly = false }: ExecuteOptions = {}): Prepared {
  if (args.length === 0) throw new ReplyError("ERR empty command");
  const command = find(args[0]);
  if (command === undefined) throw unknown(args);
  if (!takes(command.arity, args.length)) throw wrongArity(command.name);
  if (readOnly && command.flags.some((flag) => flag === "write" || flag === "guarded")) {
    throw new ReplyError(`NOPERM this user has no permissions to run the '${command.name}' command`);
  }
  return { command, args: args.slice(1) };
}

/** Runs a command; what it is refused with is its reply. */
export function run(on: Target, { command, args }: Prepared): Awaitable<Reply> {
  return attempt(
    () => command.run(on, args),
    (reply): Reply => reply,
    (error): Reply => toReplyError(error, command.errors),
  );
}

/** Finds and runs a command: its name and arguments, as one would send them to Redis. */
export async function execute(
  store: StorageEngine,
  args: readonly Argument[],
  options?: ExecuteOptions,
): Promise<Reply> {
  try {
    return await run(new Target(store), prepare(args, options));
  } catch (error) {
    return toReplyError(error);
  }
}

const MAX_SHOWN = 128;

function unknown([name = "", ...args]: readonly Argument[]): ReplyError {
  let shown = "";
  for (const argument of args) {
    if (shown.length >= MAX_SHOWN) break;
    shown += `'${textOf(argument).slice(0, MAX_SHOWN - shown.length)}' `;
  }
  return new ReplyError(
    `ERR unknown command '${textOf(name).slice(0, MAX_SHOWN)}', with args beginning with: ${shown}`,
  );
}
