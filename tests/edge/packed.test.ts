import { assertEquals } from "@std/assert";
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inDirectory } from "../support/directory.ts";
import { test } from "../support/harness.ts";
import { Page } from "./chromium.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = fileURLToPath(new URL("packed_page.js", import.meta.url));

const npm = (cwd: string, ...args: string[]) =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

test("the packed package, installed and bundled by a user, in Chromium", async () => {
  let script: string;
  await inDirectory(async (path) => {
    const project = path(".");
    // It is built already, and the other tests here use that.
    const [{ filename }] = JSON.parse(npm(ROOT, "pack", "--ignore-scripts", "--json", "--pack-destination", project));
    await writeFile(path("package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
    const { devDependencies } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
    npm(project, "install", "--no-audit", "--no-fund", path(filename), `hono@${devDependencies.hono}`);
    await copyFile(PAGE, path("page.js"));
    const { outputFiles } = await build({
      entryPoints: [path("page.js")],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      external: ["node:*"],
    });
    script = outputFiles[0].text;
  });
  await using page = await Page.serve(script!);
  assertEquals(await page.open({}), {
    size: 50_002,
    cart: { items: ["tea"] },
    refused: "NOT_INTEGER",
    isPersistent: false,
    moved: 11,
    inBucket: "value 49999",
    rank: { result: 1 },
  });
});
