import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureParts } from "../part.ts";
import type { TableMaker } from "../report/table.ts";
import { writePage } from "./page.ts";
import { PARTS } from "./parts.ts";
import { writeReadme } from "./readme.ts";

const RECORD = fileURLToPath(new URL("../../docs/bench/", import.meta.url));

/** Measures everything, or the parts that are given by name, and writes the record of all that has been measured. */
export async function benchAll(
  isQuick: boolean,
  seed: number,
  names: readonly string[],
  table: TableMaker,
  progress: (text: string) => void,
  print: (text: string) => void,
): Promise<{ text: string; json: unknown }> {
  // A quick run is for trying things: what it finds is not for the record.
  const directory = isQuick ? mkdtempSync(join(tmpdir(), "ferrite-record-")) : RECORD;
  const found = await measureParts(PARTS, names, { isQuick, seed, directory }, table, progress, print);
  await writePage(directory, Object.keys(PARTS));
  if (!isQuick) writeReadme(directory, Object.keys(PARTS));
  return { ...found, text: `${found.text}\nWritten: ${directory}` };
}
