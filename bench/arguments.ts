import { parseArgs } from "node:util";

/** What is measured: keys with plain values, or lists, hashes, sets and sorted sets. */
export type Suite = "keys" | "collections";

export interface Arguments {
  suite: Suite;
  isQuick: boolean;
  /** Where to write everything as JSON. */
  json: string | undefined;
  seed: number;
  isHelp: boolean;
}

export const HELP = `Usage: npm run bench -- [collections] [options]

  collections           lists, hashes, sets and sorted sets, in place of plain values

  --quick               fewer keys and rounds: under a minute
  --json FILE           also write everything to FILE
  --seed NUMBER         repeat the keys and orders of another run
  --runtime NAME        node, deno or bun; the one it was started with if not given (npm run bench only)
  --help                this text`;

/** Reads the command line. Throws an error that says what is wrong with it. */
export function parseArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [suite = "keys", ...others] = positionals;
  if ((suite !== "keys" && suite !== "collections") || others.length > 0) {
    throw new Error(`it can measure "collections", received "${positionals.join(" ")}"`);
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new Error(`--seed must be an integer from 0 to 2147483647, received "${values.seed}"`);
  }
  return {
    suite,
    isQuick: values.quick,
    json: values.json,
    seed,
    isHelp: values.help,
  };
}
