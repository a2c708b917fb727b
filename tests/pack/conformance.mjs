// Runs the suite for backends as someone who writes one does, on a good store and on one that must not pass. Started
// by run.mjs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";

const command = process.versions.bun === undefined ? ["--test"] : ["test"];
const run = (file) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, `./${file}`], { encoding: "utf8" });
  return { status, output: stdout + stderr };
};

const good = run("store.test.mjs");
assert.equal(good.status, 0, good.output);
assert.match(good.output, /pass 3\d\d|3\d\d pass/);

const bad = run("forgetful_store.test.mjs");
assert.notEqual(bad.status, 0);
assert.match(bad.output, /(not ok|✖|\(fail\)).*forgetful store: incrBy counts with numbers and with bigints/);
assert.match(bad.output, /41 !== 42/);
console.log("ok");
