import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { HybridLogOptions } from "@ferrite/storage";
import type { Contents } from "./contents.ts";

/** The smallest store. Its index is saved when it is closed, and not before. */
export const FIXTURE_OPTIONS: HybridLogOptions = {
  mutableSize: "1MB",
  readonlySize: "7MB",
  segmentSize: "1MB",
  durability: "manual",
  compaction: false,
};

/** Unpacks the log that a format version's fixture has, and returns what must be in it. */
export async function unpackFixture(name: string, directory: string): Promise<Contents> {
  const source = fileURLToPath(new URL(`../fixtures/${name}/`, import.meta.url));
  await mkdir(directory);
  for (const file of await readdir(source)) {
    if (!file.endsWith(".gz")) continue;
    await writeFile(`${directory}/${file.slice(0, -".gz".length)}`, gunzipSync(await readFile(`${source}${file}`)));
  }
  const lines = (await readFile(`${source}contents.jsonl`, "utf8")).trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => JSON.parse(line)));
}
