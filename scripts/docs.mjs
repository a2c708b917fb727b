// `npm run docs`: the reference of all entry points, as HTML in docs/api, from the doc comments. Nothing is fetched for it.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bin } from "./steps.mjs"; // which goes to the root of the repository

const OUTPUT = "docs/api";
const { name, exports } = JSON.parse(readFileSync("deno.json", "utf8"));
const entries = Object.entries(exports).filter(([, path]) => path.endsWith(".ts"));

rmSync(OUTPUT, { recursive: true, force: true });
const paths = entries.map(([, path]) => path);
execFileSync(bin("deno"), ["doc", "--quiet", "--html", `--name=${name}`, `--output=${OUTPUT}`, ...paths], {
  stdio: "inherit",
});

// `deno doc` shows imports by the name of the export alone: `from "."`, `from "cloud"`.
const names = new Set(entries.map(([entry]) => entry.replace("./", "")));
for (const page of readdirSync(OUTPUT, { recursive: true }).filter((path) => path.endsWith(".html"))) {
  const path = `${OUTPUT}/${page}`;
  const html = readFileSync(path, "utf8").replace(
    /from &quot;([^&]+)&quot;/g,
    (import_, entry) => names.has(entry) ? `from &quot;${`${name}/${entry}`.replace("/.", "")}&quot;` : import_,
  );
  writeFileSync(path, html);
}
console.log(`${OUTPUT}/index.html`);
