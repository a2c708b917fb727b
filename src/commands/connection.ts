import { type Command, other } from "./command.ts";
import { wrongArity } from "./errors.ts";
import { checkDatabase } from "./parse.ts";
import { OK, Status } from "./reply.ts";

const PONG = new Status("PONG");

export const CONNECTION: readonly Command[] = [
  other("ping", -1, [], (_on, args) => {
    if (args.length > 1) throw wrongArity("ping");
    return args.length === 0 ? PONG : args[0];
  }),
  other("echo", 2, [], (_on, [message]) => message),
  other("select", 2, [], (_on, [index]) => {
    checkDatabase(index);
    return OK;
  }),
];
