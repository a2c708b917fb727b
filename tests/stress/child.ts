import process from "node:process";
import { KINDS } from "./runs.ts";

/** What a child tells, for each seed. */
export type Told = { readonly begun: number } | { readonly failed: number; readonly why: string };

/** Runs one seed after another, and tells which. What they write is not shown. */
const [kind, first, count] = process.argv.slice(2);
const tell = (told: Told) => process.send!(told);
console.log = console.error = () => {};
// Without the one who asked for it, it is of no use.
process.once("disconnect", () => process.exit());
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  tell({ begun: seed });
  try {
    await KINDS[kind].run(seed);
  } catch (error) {
    tell({ failed: seed, why: String((error as Error).stack ?? error) });
  }
}
process.disconnect?.();
