#!/usr/bin/env node
/**
 * The `ferrite` command, for the store that a `ferrite.toml` describes. `--help` lists what it can do.
 *
 * @example
 * ```sh
 * npx ferrite set greeting hello
 * npx ferrite --config other.toml stats
 * npx ferrite serve --port 8787
 * ```
 *
 * @module
 */

import process from "node:process";
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2));
