import { type Argument, type Command, other } from "./command.ts";
import { syntaxError } from "./errors.ts";
import { wordOf } from "./parse.ts";
import { type Reply, Status } from "./reply.ts";
import { type Subcommand, subcommands } from "./subcommands.ts";

/** `COMMAND`, which tells what commands there are. */
export function commandCommand(table: ReadonlyMap<string, Command>): Command {
  const all = (): Reply => [...table.values()].map(describe);
  const details = subcommands(
    "command",
    new Map<string, Subcommand>(Object.entries({
      count: { arity: 2, help: ["COUNT", "How many commands there are."], run: () => table.size },
      list: {
        arity: -2,
        help: ["LIST", "The names of all commands."],
        run: (_on, filter: readonly Argument[]) => {
          if (filter.length > 0) throw syntaxError();
          return [...table.keys()];
        },
      },
      info: {
        arity: -2,
        help: ["INFO [<command-name> ...]", "Arity, flags and positions of keys of commands, or of all."],
        run: (_on, names: readonly Argument[]) => names.length === 0 ? all() : names.map((name) => detail(table, name)),
      },
    })),
  );
  return other("command", -1, [], (on, args) => args.length === 0 ? all() : details(on, args));
}

function detail(table: ReadonlyMap<string, Command>, name: Argument): Reply {
  const command = table.get(wordOf(name));
  return command === undefined ? null : describe(command);
}

/** Name, arity, flags and key positions; the rest of what Redis tells is empty. */
function describe({ name, arity, flags, keys }: Command): Reply {
  const shown = flags.flatMap((flag) => flag === "read" ? ["readonly"] : flag === "write" ? ["write"] : []);
  return [name, arity, shown.map((flag) => new Status(flag)), ...keys, [], [], [], []];
}
