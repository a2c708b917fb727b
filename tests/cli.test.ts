import { assert, assertEquals } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { HybridLogStore } from "@ferrite/storage";
import { run } from "../src/cli/program.ts";
import { inDirectory } from "./support/directory.ts";
import { test } from "./support/harness.ts";

/** What a command has printed, told, and come to. */
interface Result {
  readonly code: number;
  readonly out: string;
  readonly told: string;
}

type Ferrite = (...args: string[]) => Promise<Result>;

/** Runs commands on a hybrid log of their own. */
function withFerrite(play: (ferrite: Ferrite, pathOf: (name: string) => string) => Promise<void>): Promise<void> {
  return inDirectory(async (pathOf) => {
    const config = pathOf("ferrite.toml");
    await writeFile(config, configOf(pathOf("data")));
    await play((...args) => ferrite(["--config", config, ...args]), pathOf);
  });
}

function configOf(directory: string): string {
  return `[storage]\nbackend = "hybridlog"\n[storage.hybridlog]\ndata_dir = ${JSON.stringify(directory)}\n`;
}

async function ferrite(args: string[], input: string = ""): Promise<Result> {
  const decoder = new TextDecoder();
  let out = "";
  let told = "";
  const code = await run(args, {
    readInput: async () => new TextEncoder().encode(input),
    print: (text) => out += typeof text === "string" ? text : decoder.decode(text),
    tell: (text) => told += `${text}\n`,
    progressBar: async () => ({ show: () => {}, end: () => {} }),
  });
  return { code, out, told };
}

test("ferrite writes, reads, lists and removes keys", () =>
  withFerrite(async (ferrite) => {
    assertEquals(await ferrite("set", "greeting", "hello"), { code: 0, out: "", told: "" });
    assertEquals(await ferrite("get", "greeting"), { code: 0, out: "hello", told: "" });
    assertEquals((await ferrite("--json", "get", "greeting")).out, '"hello"\n');
    assertEquals(await ferrite("get", "nothing"), { code: 1, out: "", told: "" });
    await ferrite("set", "session:1", "x", "--ttl", "100000");
    assertEquals((await ferrite("scan", "--match", "s*")).out, "session:1\n");
    assertEquals((await ferrite("scan")).out.split("\n").sort(), ["", "greeting", "session:1"]);
    assertEquals((await ferrite("scan", "--limit", "1")).out.split("\n").length, 2);
    assertEquals((await ferrite("scan", "--type", "list")).out, "");
    assertEquals((await ferrite("del", "greeting", "nothing")).out, "1\n");
    assertEquals(JSON.parse((await ferrite("--json", "stats")).out).keys, 1);
    assert((await ferrite("stats")).out.includes("keys             1\n"));
  }));

test("ferrite takes a value that is piped in", () =>
  inDirectory(async (pathOf) => {
    const config = pathOf("ferrite.toml");
    await writeFile(config, configOf(pathOf("data")));
    await ferrite(["-c", config, "set", "key"], "line 1\nline 2\n");
    assertEquals((await ferrite(["-c", config, "get", "key"])).out, "line 1\nline 2\n");
  }));

test("ferrite saves, compacts and repairs", () =>
  withFerrite(async (ferrite, pathOf) => {
    await ferrite("set", "key", "value");
    const saved = await ferrite("checkpoint", pathOf("saved"));
    assertEquals(saved, { code: 0, out: `${pathOf("saved")}\n`, told: "" });
    assertEquals((await ferrite("compact")).code, 0);
    const other = pathOf("other.toml");
    await writeFile(other, configOf(pathOf("mended")));
    const report = JSON.parse((await ferrite("--json", "--config", other, "repair", pathOf("data"))).out);
    assertEquals([report.keys, report.damagedKeys, report.damage], [1, [], []]);
    await using store = await HybridLogStore.open({ dataDir: pathOf("mended") });
    assertEquals(await store.strlen("key"), 5);
  }));

test("ferrite copies a store to another, and what is there already is not copied again", () =>
  withFerrite(async (ferrite, pathOf) => {
    const other = pathOf("other.toml");
    await writeFile(other, configOf(pathOf("copy")));
    await ferrite("set", "a", "1");
    await ferrite("set", "b", "2");
    const copy = [pathOf("ferrite.toml"), other];
    assertEquals((await ferrite("copy", ...copy)).out, "2 keys copied (2 bytes), 0 were there already, 0 had gone\n");
    assertEquals((await ferrite("--config", other, "get", "b")).out, "2");
    await ferrite("set", "c", "3");
    const again = await ferrite("--json", "copy", "--verify", ...copy);
    assertEquals(JSON.parse(again.out), { copied: 1, equal: 2, gone: 0, bytes: 1 });
    await ferrite("set", "a", "0");
    const refused = await ferrite("copy", ...copy);
    assertEquals(refused.code, 1);
    assert(refused.told.includes('Cannot copy key "a"'), refused.told);
    assertEquals((await ferrite("copy", "--replace", "--concurrency", "1", ...copy)).code, 0);
    assertEquals((await ferrite("--config", other, "get", "a")).out, "0");
  }));

test("ferrite measures a store, and leaves nothing there", () =>
  withFerrite(async (ferrite) => {
    await ferrite("set", "mine", "value");
    const figures = ["--seconds", "0.02", "--keys", "200", "--concurrency", "8"];
    const { code, out, told } = await ferrite("bench", ...figures);
    assertEquals([code, told], [0, ""]);
    const [head, ...rows] = out.trimEnd().split("\n");
    assert(head.includes("calls/s"), head);
    assert(rows.length > 8 && rows.every((row) => Number(row.slice(10).trim().split(/ +/)[0]) > 0), out);
    assertEquals((await ferrite("scan")).out, "mine\n");
    const [set] = JSON.parse((await ferrite("--json", "bench", "--only", "set", ...figures)).out);
    assert(set.calls > 0 && set.p50 <= set.p99 && set.p99 <= set.p999 && set.p999 <= set.max, JSON.stringify(set));
    assertEquals((await ferrite("bench", "--only", "set,fly")).code, 2);
  }));

test("ferrite says what is wrong: with 2 when it was not understood, with 1 when it failed", () =>
  withFerrite(async (ferrite, pathOf) => {
    const misused: [string[], string][] = [
      [["--help"], ""],
      [[], "Usage"],
      [["fly"], "unknown command"],
      [["get"], "missing required argument"],
      [["set", "key", "value", "--ttl", "soon"], "expected a number"],
      [["--config", pathOf("bad.toml"), "get", "key"], "backend"],
      [["--config", pathOf("memory.toml"), "get", "key"], "gone when the command has ended"],
      [["--config", pathOf("memory.toml"), "repair", "x"], "this is for hybridlog"],
      [["copy", pathOf("memory.toml")], "missing required argument"],
      [["copy", pathOf("ferrite.toml"), pathOf("memory.toml")], "gone when the command has ended"],
      [["bench", "--keys", "1.5"], "expected a whole number"],
    ];
    await writeFile(pathOf("bad.toml"), '[storage]\nbackend = "paper"\n');
    await writeFile(pathOf("memory.toml"), '[storage]\nbackend = "memory"\n');
    for (const [args, words] of misused) {
      const { code, told } = await ferrite(...args);
      assertEquals(code, words === "" ? 0 : 2, args.join(" "));
      assert(told.includes(words), `"${told}" does not say "${words}"`);
    }
    const failed: [string[], string][] = [
      [["--config", pathOf("none.toml"), "get", "key"], "Cannot read configuration"],
      [["repair", pathOf("nowhere")], "no log"],
    ];
    for (const [args, words] of failed) {
      const { code, told } = await ferrite(...args);
      assert(code !== 0, args.join(" "));
      assert(told.includes(words), `"${told}" does not say "${words}"`);
    }
  }));
