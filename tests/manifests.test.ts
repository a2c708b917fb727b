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
  assertEquals(Object.keys(deno.exports), Object.keys(npm.exports));
  for (const [name, range] of Object.entries(npm.dependencies)) {
    assertEquals(deno.imports[name], `npm:${name}@${range}`);
  }
});

test("what is imported at run time is a dependency", async () => {
  const deno = JSON.parse(await read("deno.json"));
  const npm = JSON.parse(await read("package.json"));
  const ofTests = ["@ferrite/storage", "@ferrite/storage/cloud", "@std/assert", "fast-check"];
  assertEquals(Object.keys(deno.imports).filter((name) => !ofTests.includes(name)), Object.keys(npm.dependencies));
});

test("the changelog has an entry for this version", async () => {
  const { version } = JSON.parse(await read("package.json"));
  assertEquals((await read("CHANGELOG.md")).includes(`## ${version}`), true);
});
