import { assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { test } from "./support/harness.ts";

const read = (name: string) => readFile(new URL(`../${name}`, import.meta.url), "utf8");

test("deno.json and package.json say the same of the package", async () => {
  const deno = JSON.parse(await read("deno.json"));
  const npm = JSON.parse(await read("package.json"));
  assertEquals(deno.name, npm.name);
  assertEquals(deno.version, npm.version);
  assertEquals(deno.license, npm.license);
  const { "./cli": _command, ...entries } = deno.exports; // which is the command that npm makes of `bin`
  assertEquals(Object.keys(entries), Object.keys(npm.exports));
  for (const [name, range] of Object.entries(npm.dependencies)) {
    assertEquals(deno.imports[name], `npm:${name}@${range}`);
  }
});

test("what is imported at run time is a dependency, or one that only its entry point needs", async () => {
  const deno = JSON.parse(await read("deno.json"));
  const npm = JSON.parse(await read("package.json"));
  const ofTests = ["@std/assert", "@upstash/redis", "fast-check"];
  const imported = Object.keys(deno.imports).filter((name) => !name.startsWith(npm.name) && !ofTests.includes(name));
  assertEquals(imported.sort(), [...Object.keys(npm.peerDependencies), ...Object.keys(npm.dependencies)].sort());
  for (const name of Object.keys(npm.peerDependencies)) {
    assertEquals(npm.peerDependenciesMeta[name], { optional: true });
  }
});

test("the changelog has an entry for this version", async () => {
  const { version } = JSON.parse(await read("package.json"));
  assertEquals((await read("CHANGELOG.md")).includes(`## ${version}`), true);
});
