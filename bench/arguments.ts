import { parseArgs } from "node:util";
import { PARTS } from "./hybridlog/parts.ts";

/** What is measured: keys with plain values, lists, hashes, sets and sorted sets, or the store on files. */
export type Suite = "keys" | "collections" | "hybridlog";

export interface Arguments {
  suite: Suite;
  /** The parts of it that are wanted; none for all. */
  parts: string[];
  isQuick: boolean;
  /** Where to write everything as JSON. */
  json: string | undefined;
  seed: number;
  isHelp: boolean;
}

export const HELP: string = `Usage: npm run bench -- [collections | hybridlog [part…]] [options]

  collections           lists, hashes, sets and sorted sets, in place of plain values
  hybridlog             the store on files; all of it, or of these parts:
                        ${Object.keys(PARTS).join(", ")}

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
  const [suite = "keys", ...parts] = positionals;
  const isSuite = suite === "keys" || suite === "collections" || suite === "hybridlog";
  if (!isSuite || (suite !== "hybridlog" && parts.length > 0)) {
    throw new Error(`it can measure "collections" or "hybridlog", received "${positionals.join(" ")}"`);
  }
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown !== undefined) {
    throw new Error(`a part of hybridlog is one of ${Object.keys(PARTS).join(", ")}, received "${unknown}"`);
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new Error(`--seed must be an integer from 0 to 2147483647, received "${values.seed}"`);
  }
  return {
    suite,
    parts,
    isQuick: values.quick,
    json: values.json,
    seed,
    isHelp: values.help,
  };
}
