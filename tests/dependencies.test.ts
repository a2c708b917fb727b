import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "./support/harness.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("docs/dependencies.md says of every dependency what it is for", () => {
  const manifest = JSON.parse(read("package.json"));
  const [, ...parts] = read("docs/dependencies.md").split("\n## ");
  const kinds = ["dependencies", "peerDependencies", "devDependencies"];
  for (const [i, kind] of kinds.entries()) {
    const rows = parts[i].split("\n").filter((line) => line.startsWith("| `"));
    const named = rows.flatMap((row) => row.split("|")[1].match(/(?<=`)[@\w./-]+(?=`)/g) ?? []);
    // What users may bring is there for the tests, too.
    const isExplained = (name: string) => kind !== "devDependencies" || !(name in manifest.peerDependencies);
    assertEquals(named.sort(), Object.keys(manifest[kind]).filter(isExplained).sort(), kind);
  }
});
