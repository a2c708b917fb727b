import { readFile } from "node:fs/promises";
import { assert, assertEquals } from "@std/assert";
import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { MemoryStore, type StorageEngine, StorageError } from "@ferrite/storage";
import { transaction } from "../src/commands/batch.ts";
import type { Argument } from "../src/commands/command.ts";
import { type Reply, ReplyError } from "../src/commands/reply.ts";
import { COMMANDS, execute, prepare } from "../src/commands/table.ts";
import { argumentsOf, isAsExpected, plain, type Script } from "./support/commands/script.ts";
import { SCRIPTS } from "./support/commands/scripts.ts";
import { test } from "./support/harness.ts";
import { BACKENDS } from "./support/stores.ts";

type Args = readonly Argument[];

/** Runs a script on an empty store. */
async function play(
  store: StorageEngine,
  { steps }: Script,
  run: (store: StorageEngine, args: Args) => Promise<Reply> = execute,
): Promise<void> {
  for (const [command, expected] of steps) {
    const reply = await runWhole(argumentsOf(command), (args) => run(store, args));
    assert(isAsExpected(reply, expected), `${command} answered ${plain(reply)}`);
  }
}

/** Runs a command; a scan goes on until it is over. */
async function runWhole(args: Args, run: (args: Args) => Promise<Reply>): Promise<Reply> {
  const reply = await run(args);
  if (args[0] !== "scan" || !Array.isArray(reply) || reply[0] === "0") return reply;
  const [cursor, found] = reply as [string, Reply[]];
  const rest = await runWhole(["scan", cursor, ...args.slice(2)], run) as [string, Reply[]];
  return [rest[0], [...found, ...rest[1]]];
}

for (const [name, withStore] of Object.entries(BACKENDS)) {
  test(`commands over ${name}`, () =>
    withStore(async (store) => {
      for (const script of SCRIPTS) {
        if (script.needsTransactions && !store.supports.transactions) continue;
        await store.clear();
        await play(store, script);
      }
    }));
}

/** Runs a command in a transaction of its own, unless none takes it. */
async function runInTransaction(store: StorageEngine, args: Args): Promise<Reply> {
  try {
    if (prepare(args).command.name.startsWith("flush")) return await execute(store, args);
  } catch {
    return await execute(store, args);
  }
  const [, reply] = await transaction(store, [["ping"], args, ["time"]]);
  return reply;
}

for (const name of ["memory", "hybrid log"]) {
  test(`commands in transactions over ${name}`, () =>
    BACKENDS[name](async (store) => {
      for (const script of SCRIPTS) {
        await store.clear();
        await play(store, script, runInTransaction);
      }
    }));
}

test("every command has a script in which it answers", () => {
  const steps = SCRIPTS.flatMap(({ steps }) => steps);
  const nameOf = (command: string | Args) => String(argumentsOf(command)[0]).toLowerCase();
  const answered = new Set(
    steps.filter(([, reply]) => !(reply instanceof ReplyError)).map(([command]) => nameOf(command)),
  );
  assertEquals([...COMMANDS.keys()].filter((name) => !answered.has(name)), []);
});

test("no command runs with fewer or more arguments than it takes", async () => {
  await using store = new MemoryStore();
  for (const { name, arity } of COMMANDS.values()) {
    const least = Math.abs(arity);
    const counts = arity < 0 ? [least - 1] : [least - 1, least + 1];
    for (const count of counts.filter((count) => count > 0)) {
      const reply = await execute(store, [name, ...new Array<string>(count - 1).fill("1")]);
      assertEquals(plain(reply), `-ERR wrong number of arguments for '${name}' command`);
    }
  }
});

test("what a cloud store cannot do at once is refused, and changes nothing", () =>
  BACKENDS.cloud(async (store) => {
    const needs = (what: string) => `-ERR ${what} needs transactions, which this store does not have`;
    const several = "-ERR Cannot write to several keys at once: object storage cannot do that atomically";
    const before = [["set", "a", "1"], ["set", "b", "2"], ["rpush", "l", "x"], ["sadd", "s", "x"]];
    for (const args of before) await execute(store, args);
    const refusals: [command: string, reply: string][] = [
      ["mset a 9 c 9", several],
      ["msetnx c 9 d 9", needs("MSETNX of several keys")],
      ["rename a c", several],
      ["renamenx a c", needs("RENAMENX")],
      ["getset a 9", needs("GETSET that forgets an expiry")],
      ["set a 9 get", needs("SET with GET that forgets an expiry")],
      ["getex a persist", needs("GETEX with PERSIST")],
      ["expire a 10 xx lt", needs("EXPIRE with these options")],
      ["pexpireat a 1 nx", needs("PEXPIREAT with these options")],
      ["lmpop 2 l m left", needs("LMPOP of several keys")],
      ["zmpop 2 l m min", needs("ZMPOP of several keys")],
      ["lmove l m left left", several],
      ["smove s t x", several],
    ];
    for (const [command, expected] of refusals) {
      assertEquals(plain(await execute(store, command.split(" "))), expected, command);
    }
    assertEquals(plain(await execute(store, ["mget", "a", "b", "c", "d"])), '["1", "2", null, null]');
    assertEquals(plain(await execute(store, ["ttl", "a"])), ":-1");
    // Several keys are removed one after another.
    assertEquals(plain(await execute(store, ["del", "a", "b", "c", "l"])), ":3");
  }));

/** Stores that share what they hold, of which each makes some of the calls. */
const SHARED: Record<string, (run: (stores: readonly StorageEngine[]) => Promise<void>) => Promise<void>> = {
  "memory": (run) => BACKENDS.memory((store) => run([store])),
  "hybrid log": (run) => BACKENDS["hybrid log"]((store) => run([store])),
  "cloud": async (run) => {
    const storage = memoryObjects();
    await using store = new CloudStore({ storage });
    await using other = new CloudStore({ storage });
    await run([store, other]);
  },
};

for (const [name, withStores] of Object.entries(SHARED)) {
  test(`commands of several steps happen at once, whoever else writes, over ${name}`, () =>
    withStores(async (stores) => {
      const count = 40;
      /** The replies to a command that is given at the same time so many times, in other words each time. */
      const race = async (command: (i: number) => string): Promise<string[]> => {
        const calls = Array.from(
          { length: count },
          (_, i) => execute(stores[i % stores.length], command(i).split(" ")),
        );
        return (await Promise.all(calls)).map(plain);
      };
      const others = (replies: string[], usual: string) => replies.filter((reply) => reply !== usual);
      const sums = await race(() => "incrbyfloat f 0.5");
      assertEquals(new Set(sums).size, count);
      assertEquals(plain(await execute(stores[0], ["get", "f"])), `"${count / 2}"`);
      assertEquals(others(await race((i) => `setnx x ${i}`), ":0"), [":1"]);
      assertEquals(others(await race((i) => `set y ${i} nx get`), "null").length, count - 1);
      assertEquals(others(await race(() => "getdel y"), "null").length, 1);
      // Each value but the last is the old one of somebody, once.
      const before = await race((i) => `set y ${i} get ex 100`);
      assertEquals(new Set([...before, plain(await execute(stores[0], ["get", "y"]))]).size, count + 1);
      assertEquals(others(await race(() => "getex y pxat 1"), "null").length, 1);
      if (!stores[0].supports.transactions) return;
      assertEquals(others(await race((i) => `msetnx m${i % 4} ${i} shared ${i}`), ":0"), [":1"]);
      assertEquals(others(await race((i) => `renamenx ${i === 0 ? "shared" : "none"} new`), "-ERR no such key"), [
        ":1",
      ]);
      assertEquals(new Set(await race((i) => `getset y ${i}`)).size, count);
    }));
}

test("a capability that a store does not have is missed by name", async () => {
  await using memory = new MemoryStore();
  const names = { lists: "lists", hashes: "hashes", sets: "sets", sortedSets: "sorted sets" };
  const commands = { lists: "lpush l a", hashes: "hgetall h", sets: "sinter s t", sortedSets: "zadd z 1 a" };
  for (const [capability, name] of Object.entries(names)) {
    const store = new Proxy(memory, {
      get: (store, property) =>
        property === "supports" ? { ...store.supports, [capability]: false } : Reflect.get(store, property, store),
    });
    const reply = await execute(store, commands[capability as keyof typeof commands].split(" "));
    assertEquals(plain(reply), `-ERR this store has no ${name}`);
  }
});

test("read-only: what writes is refused, and what goes over all keys", async () => {
  await using store = new MemoryStore();
  await execute(store, ["set", "k", "v"]);
  const refused: string[] = [];
  for (const { name, arity } of COMMANDS.values()) {
    const args = [name, ...new Array<string>(Math.abs(arity) - 1).fill("1")];
    const reply = await execute(store, args, { readOnly: true });
    if (plain(reply) === `-NOPERM this user has no permissions to run the '${name}' command`) refused.push(name);
  }
  const expected = [...COMMANDS.values()].filter(({ flags }) => flags.includes("write")).map(({ name }) => name);
  assertEquals(refused.sort(), [...expected, "keys", "scan", "randomkey"].sort());
  assertEquals(plain(await execute(store, ["get", "k"], { readOnly: true })), '"v"');
  assertEquals(store.stats().keys, 1);
});

test("errors of a store that are not the client's doing say nothing of it, and have a cause", async () => {
  const secret = "bucket s3://secret at 10.0.0.1";
  const codes = { UNAVAILABLE: "the store is unavailable", CORRUPT: "internal error of the store" } as const;
  for (const [code, words] of Object.entries(codes)) {
    const failing = new Proxy(new MemoryStore(), {
      get: (store, name) => name === "get" ? () => Promise.reject(failure) : Reflect.get(store, name, store),
    });
    const failure = new StorageError(code as "CORRUPT", `Cannot read ${secret}`);
    const reply = await execute(failing, ["get", "k"]);
    assert(reply instanceof ReplyError && reply.message === `ERR ${words}` && reply.cause === failure);
  }
});

test("a store that is full says OOM, and a transaction that fills it is undone as a whole", async () => {
  await using store = new MemoryStore({ maxSize: "8MB" });
  const big = new Uint8Array(3_000_000);
  assertEquals(plain(await execute(store, ["set", "a", big])), "+OK");
  assertEquals(plain(await execute(store, ["set", "b", big])), "+OK");
  const full = "-OOM command not allowed when used memory > 'maxmemory'.";
  assertEquals(plain(await execute(store, ["set", "c", big])), full);
  const error = await transaction(store, [["set", "x", "1"], ["set", "c", big], ["set", "y", "1"]]).catch((error) =>
    error
  );
  assertEquals(plain(error), full);
  assertEquals(plain(await execute(store, ["exists", "x", "c", "y"])), ":0");
});

test("a transaction goes on after an error, and is discarded for a command that could not be run at all", async () => {
  await using store = new MemoryStore();
  const replies = await transaction(store, [["set", "k", "v"], ["incr", "k"], ["rpush", "l", "a"], ["lpop", "k"]]);
  assertEquals(replies.map(plain), [
    "+OK",
    "-ERR value is not an integer or out of range",
    ":1",
    "-WRONGTYPE Operation against a key holding the wrong kind of value",
  ]);
  const discarded: [args: string[], why: string][] = [
    [["nosuch", "a"], "ERR unknown command 'nosuch', with args beginning with: 'a' "],
    [["get"], "ERR wrong number of arguments for 'get' command"],
    [["flushdb"], "ERR Command not allowed inside a transaction"],
  ];
  for (const [args, why] of discarded) {
    const error = await transaction(store, [["set", "k", "w"], args]).catch((error) => error);
    assertEquals(plain(error), `-EXECABORT Transaction discarded because of: ${why}`);
    assertEquals(plain(await execute(store, ["get", "k"])), '"v"');
  }
});

test("the documentation names every command", async () => {
  const page = await readFile(new URL("../docs/http.md", import.meta.url), "utf8");
  const [, list] = /^## Commands$([^]*?)^What differs/m.exec(page)!;
  const named = list.split(/^- [A-Z][a-z ]+:/m).slice(1).join(" ").match(/[A-Z]+/g)!;
  assertEquals(named.map((name) => name.toLowerCase()).sort(), [...COMMANDS.keys()].sort());
});
