import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { HybridLogStore, MemoryStore } from "@ferrite/storage";
import { contentsOf } from "./contents.ts";
import { inDirectory } from "./directory.ts";
import { FIXTURE_OPTIONS } from "./fixture.ts";
import { SAMPLE_STAGES } from "./sample.ts";

// Writes the fixture of a format version: the files of a log that was opened and changed several times, and closed but for the
// last one, and what is in it. A released version's fixture is never written again.
//
//   node --import tsx tests/support/write_fixture.ts hybridlog-v1

const target = fileURLToPath(new URL(`../fixtures/${process.argv[2]}/`, import.meta.url));
const NAME = "sample";

await inDirectory(async (path) => {
  const model = new MemoryStore();
  for (const [i, stage] of SAMPLE_STAGES.entries()) {
    await using store = await HybridLogStore.open({ ...FIXTURE_OPTIONS, dataDir: path("log") });
    await stage(store, NAME);
    await stage(model, NAME);
    if (i < SAMPLE_STAGES.length - 1) continue;
    // Closing would save the index: as it is now, opening reads that of the stage before, and the log.
    await store.commit();
    await pack(path("log"));
  }

  const lines = Object.entries(contentsOf(model.sync)).map((entry) => `${JSON.stringify(entry)}\n`);
  await writeFile(`${target}contents.jsonl`, lines.join(""));
  await model.close();
});

async function pack(directory: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.startsWith("LOCK")) continue;
    // Between what two openings have written there are zeros, up to the next page.
    await writeFile(`${target}${name}.gz`, gzipSync(await readFile(`${directory}/${name}`), { level: 9 }));
  }
}
