import { parseArgs } from "node:util";
import { PARTS as ALL_PARTS } from "./all/parts.ts";
import { PARTS as CLOUD_PARTS } from "./cloud/parts.ts";
import { PARTS as HYBRID_LOG_PARTS } from "./hybridlog/parts.ts";
import { PARTS as SCENARIO_PARTS } from "./scenarios/parts.ts";

/**
 * What is measured: keys with plain values, lists, hashes, sets and sorted sets, the store on files, that in a bucket, what that is at
 * the edge, wrappers, the store over HTTP, what stores are used for, or all of that for the record.
 */
export const SUITES = [
  "keys",
  "collections",
  "hybridlog",
  "cloud",
  "edge",
  "middleware",
  "http",
  "scenarios",
  "all",
] as const;
export type Suite = typeof SUITES[number];

/** Of the suites that have parts, their names. */
const PARTS: Partial<Record<Suite, string[]>> = {
  hybridlog: Object.keys(HYBRID_LOG_PARTS),
  cloud: Object.keys(CLOUD_PARTS),
  scenarios: Object.keys(SCENARIO_PARTS),
  all: Object.keys(ALL_PARTS),
};

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

export const HELP: string =
  `Usage: npm run bench -- [collections | middleware | http | hybridlog [part…] | cloud [part…] | scenarios [part…] | edge | all [part…]] [options]

  collections           lists, hashes, sets and sorted sets, in place of plain values
  middleware            what wrappers cost
  http                  the store over HTTP, beside the same protocol over a Redis
  hybridlog             the store on files; all of it, or of these parts:
                        ${PARTS.hybridlog!.join(", ")}
  cloud                 the store in a bucket, beside requests that nothing but aws4fetch makes; or of these parts:
                        ${PARTS.cloud!.join(", ")}
  scenarios             the four of ADR-0016 beside what it asks for, or of these:
                        ${PARTS.scenarios!.join(", ")}
  all                   everything, for the record in docs/bench, which is npm run bench:all; or of it these parts:
                        ${PARTS.all!.join(", ")}
  edge                  how large the cloud store is in a bundle, and how soon it is imported

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
  if (!isSuite(suite) || (PARTS[suite] === undefined && parts.length > 0)) {
    throw new Error(`it can measure ${SUITES.join(", ")}, received "${positionals.join(" ")}"`);
  }
  const unknown = parts.find((part) => !PARTS[suite]!.includes(part));
  if (unknown !== undefined) {
    throw new Error(`a part of ${suite} is one of ${PARTS[suite]!.join(", ")}, received "${unknown}"`);
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31) {
    throw new Error(`--seed must be an integer from 0 to 2147483647, received "${values.seed}"`);
  }
  return {
    suite: suite as Suite,
    parts,
    isQuick: values.quick,
    json: values.json,
    seed,
    isHelp: values.help,
  };
}

function isSuite(name: string): name is Suite {
  return (SUITES as readonly string[]).includes(name);
}
