import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Each part leaves what it has found in a file of its own, so that one can be measured again without the others.

/** More digits than noise leaves of a figure. */
const DIGITS = 5;

export function recordPath(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}

export function saveRecord(directory: string, name: string, record: object): void {
  mkdirSync(directory, { recursive: true });
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  writeFileSync(recordPath(directory, name), `${JSON.stringify(record, rounded)}\n`);
}

/** `undefined` where that part has not been measured yet. */
export function loadRecord<T>(directory: string, name: string): T | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(directory, name), "utf8"));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
