import { type Argument, type Run, takes } from "./command.ts";
import { wrongArity } from "./errors.ts";
import { textOf, wordOf } from "./parse.ts";
import { type Reply, ReplyError, Status } from "./reply.ts";

/** What comes behind the name of a command that has several. */
export interface Subcommand {
  /** As of a command, the names of both included. */
  readonly arity: number;
  /** For `HELP`: how it is called, and what it does. */
  readonly help: readonly [usage: string, does: string];
  readonly run: Run;
}

/** A command that leaves everything to its subcommands, and has `HELP` besides. */
export function subcommands(name: string, table: ReadonlyMap<string, Subcommand>): Run {
  return (on, args) => {
    const [word, ...rest] = args;
    const found = wordOf(word);
    const subcommand = table.get(found);
    if (subcommand === undefined && found === "help" && rest.length === 0) return help(name, table);
    if (subcommand === undefined) throw unknown(name, word);
    if (!takes(subcommand.arity, args.length + 1)) throw wrongArity(`${name}|${found}`);
    return subcommand.run(on, rest);
  };
}

const MAX_SHOWN = 128;

function unknown(name: string, word: Argument): ReplyError {
  return new ReplyError(
    `ERR unknown subcommand '${textOf(word).slice(0, MAX_SHOWN)}'. Try ${name.toUpperCase()} HELP.`,
  );
}

function help(name: string, table: ReadonlyMap<string, Subcommand>): Reply {
  const title = `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
  const lines = [...table.values()].flatMap(({ help: [usage, does] }) => [usage, `    ${does}`]);
  return [title, ...lines, "HELP", "    Print this help."].map((line) => new Status(line));
}
