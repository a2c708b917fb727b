import type { Terminal } from "./terminal.ts";

/** A command that has failed and has said all that there is to say. */
export class Failed extends Error {}

/** Prints a result as a line of JSON. */
export function printJson(terminal: Terminal, result: unknown): void {
  terminal.print(`${JSON.stringify(result, (_, value) => plain(value))}\n`);
}

/** Numbers that JSON cannot say are strings. */
export function plain(value: unknown): unknown {
  return typeof value === "bigint" || value === Infinity ? String(value) : value;
}
