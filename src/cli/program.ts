import { Command, CommanderError } from "commander";
import type { Key, PersistenceOps, StorageEngine, ValueType } from "../engine.ts";
import { StorageError } from "../errors.ts";
import { HybridLogStore } from "../hybridlog/store.ts";
import { addBenchCommand } from "./bench.ts";
import { addCopyCommand } from "./copy.ts";
import { openKept } from "./open.ts";
import { configOf, type Options, toNumber } from "./options.ts";
import { Failed, plain, printJson } from "./results.ts";
import { addServeCommand } from "./serve.ts";
import { realTerminal, type Terminal } from "./terminal.ts";

/** It was done; there is no such key, or it went wrong; what was asked for makes no sense. */
const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

/**
 * Runs the `ferrite` command with these arguments and returns its exit code: 0 when it was done, 1 when there is no such key or something
 * went wrong, 2 when what was asked for makes no sense.
 */
export async function run(args: readonly string[], terminal: Terminal = realTerminal): Promise<number> {
  const program = new Command("ferrite")
    .description("Look into a store, tend it, and serve it.")
    .option("-c, --config <file>", "the configuration of the store", "ferrite.toml")
    .option("--json", "print results as JSON", false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.tell(text.trimEnd()),
    });
  addKeyCommands(program, terminal);
  addUpkeepCommands(program, terminal);
  addCopyCommand(program, terminal);
  addServeCommand(program, terminal);
  addBenchCommand(program, terminal);
  try {
    await program.parseAsync([...args], { from: "user" });
    return DONE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
    if (!(error instanceof Failed)) terminal.tell(error instanceof StorageError ? error.message : String(error));
    return error instanceof StorageError && error.code === "CONFIG" ? MISUSED : FAILED;
  }
}

function addKeyCommands(program: Command, terminal: Terminal): void {
  const { print } = printer(program, terminal);

  program.command("get <key>").description("print the value of a key").action((key: string) =>
    withStore(program, async (store) => {
      const value = await store.get(key);
      if (value === null) throw new Failed();
      print(value, () => textOf(value));
    })
  );

  program.command("set <key> [value]").description("write a value, or what is piped in")
    .option("--ttl <ms>", "let it expire after so many milliseconds", toNumber)
    .action((key: string, value: string | undefined, { ttl }: { ttl?: number }) =>
      withStore(program, async (store) => {
        await store.set(key, value ?? await terminal.readInput(), { ttl });
      })
    );

  program.command("del <keys...>").description("remove keys, and print how many there were").action((keys: string[]) =>
    withStore(program, async (store) => {
      let removed = 0;
      for (const key of keys) removed += Number(await store.del(key));
      print(`${removed}\n`, () => removed);
    })
  );

  program.command("scan").description("print keys, in no order")
    .option("--match <glob>", "only keys like this")
    .option("--type <type>", "only keys that hold this: string, list, hash, set or zset")
    .option("--limit <count>", "so many at most", toNumber)
    .action((options: { match?: string; type?: ValueType; limit?: number }) =>
      withStore(program, async (store) => {
        const { limit = Infinity, ...which } = options;
        let count = 0;
        for await (const key of store.keys(which)) {
          if (count++ >= limit) break;
          const text = textOf(key);
          print(`${text}\n`, () => text);
        }
      })
    );
}

function addUpkeepCommands(program: Command, terminal: Terminal): void {
  const { print } = printer(program, terminal);

  program.command("stats").description("print figures of the store").action(() =>
    withStore(program, async (store) => {
      const stats = { ...store.stats(), keys: await store.size() };
      const lines = Object.entries(stats).map(([name, value]) => `${name.padEnd(16)} ${show(value)}\n`);
      print(lines.join(""), () => stats);
    })
  );

  program.command("checkpoint [path]").description("save all as of one moment, and print where")
    .action((path: string | undefined) =>
      withStore(program, async (store) => {
        if (!store.supports.persistence) throw unsupported("save", store);
        const saved = await (store as StorageEngine & PersistenceOps).checkpoint(path);
        print(`${saved}\n`, () => saved);
      })
    );

  program.command("compact").description("give back the space of what is dead").action(() =>
    withStore(program, async (store) => {
      const { compact } = store as { compact?: () => Promise<void> };
      if (compact === undefined) throw unsupported("compact", store);
      await compact.call(store);
    })
  );

  program.command("repair <damaged-dir>")
    .description("save what is intact of a damaged hybrid log, into the empty data_dir of the configuration")
    .action(async (damagedDir: string) => {
      const { hybridlog } = await configOf(program, "hybridlog");
      const report = await HybridLogStore.repair(damagedDir, hybridlog ?? {});
      const damaged = report.damagedKeys.map(textOf);
      const lines = [`${report.keys} keys saved`, ...report.damage, ...damaged.map((key) => `damaged: ${key}`)];
      print(`${lines.join("\n")}\n`, () => ({ ...report, damagedKeys: damaged }));
    });
}

/** Prints a result as it is, or, with `--json`, as JSON on a line. */
function printer(program: Command, terminal: Terminal) {
  return {
    print(result: string | Uint8Array, toJson: () => unknown): void {
      if (program.opts<Options>().json) printJson(terminal, toJson());
      else terminal.print(result);
    },
  };
}

async function withStore(program: Command, use: (store: StorageEngine) => Promise<void>): Promise<void> {
  await using store: StorageEngine = await openKept(program.opts<Options>().config);
  await use(store);
}

function unsupported(verb: string, store: StorageEngine): StorageError {
  return new StorageError("UNSUPPORTED", `Cannot ${verb} a store of backend ${store.stats().backend}`);
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value, (_, inner) => plain(inner)) : String(value);
}

const decoder = new TextDecoder();

function textOf(key: Key): string {
  return typeof key === "string" ? key : decoder.decode(key);
}
