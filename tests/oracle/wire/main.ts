// Sends random commands, of which some are not as they should be, to a real Redis and to the command table over a store, and
// compares the replies byte by byte, errors included. The seed is FERRITE_SEED.
//
//   node --import tsx tests/oracle/wire/main.ts [--commands 200000]
//
// Where the table is meant to differ from Redis 7.0:
// - scores have the fewest digits that tell them apart, as from 7.2 on, and sums of floats are doubles (Redis: 80 bits);
// - an end of GETRANGE before the beginning gives nothing, as from 7.4 on;
// - ZRANK takes WITHSCORE, as from 7.2 on;
// - times after the year 10889 are refused.

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { MemoryStore } from "@ferrite/storage";
import { transaction } from "../../../src/commands/batch.ts";
import type { Argument } from "../../../src/commands/command.ts";
import { BAD_CURSOR } from "../../../src/commands/errors.ts";
import { type Reply, ReplyError } from "../../../src/commands/reply.ts";
import { COMMANDS, execute, prepare } from "../../../src/commands/table.ts";
import { argumentsOf, isAsExpected } from "../../support/commands/script.ts";
import { SCRIPTS } from "../../support/commands/scripts.ts";
import { Random, SEED } from "../../support/random.ts";
import { RedisServer } from "../server.ts";
import { show } from "../show.ts";
import { ALL_KEYS, drawCommand, type Drawn, NAMES } from "./commands.ts";
import { Connection } from "./connection.ts";
import { EXACT, PAIRS, plain, RANK } from "./forms.ts";
import { checkUpstashCalls } from "./upstash.ts";

const BATCH = 200;
/** After so many commands both begin anew. */
const RUN = 5000;
const HISTORY = 25;
const MAX_SHOWN = 400;

const { values: options } = parseArgs({ options: { commands: { type: "string", default: "200000" } } });

interface Step extends Drawn {
  readonly ours: Reply;
}

/** Runs commands on the store, some of them together. */
async function runOurs(store: MemoryStore, drawn: readonly Drawn[], random: Random): Promise<Step[]> {
  const steps: Step[] = [];
  for (let at = 0; at < drawn.length;) {
    const together = drawn.slice(at, at + 1 + random.below(8));
    const canTransact = random.below(2) === 0 && together.every(({ args }) => isWelcome(args));
    const args = together.map(({ args }) => args);
    const replies = canTransact ? await transaction(store, args) : await oneByOne(store, args);
    for (const [i, command] of together.entries()) steps.push({ ...command, ours: replies[i] });
    at += together.length;
  }
  return steps;
}

async function oneByOne(store: MemoryStore, commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const args of commands) replies.push(await execute(store, args));
  return replies;
}

/** Whether a transaction takes it at all. */
function isWelcome(args: readonly Argument[]): boolean {
  try {
    return !prepare(args).command.name.startsWith("flush");
  } catch {
    return false;
  }
}

/** What Redis is asked: what was taken at random has to be the same there. */
function forRedis({ args, ours }: Step): readonly Argument[] {
  const name = String(args[0]).toLowerCase();
  if (name !== "spop" || ours === null || ours instanceof ReplyError) return args;
  const members = Array.isArray(ours) ? ours : [ours];
  return members.length === 0 ? args : ["srem", args[1], ...members];
}

function isSame(step: Step, theirs: Reply): boolean {
  const { ours, form } = step;
  // What is a cursor differs, and is said by the store, to which it goes last.
  if (ours instanceof ReplyError && [ours, theirs].some((reply) => isBadCursor(reply))) return true;
  if (isScanFromWithin(step.args) && Array.isArray(ours) && Array.isArray(theirs)) return true;
  const asked = forRedis(step);
  if (asked !== step.args) return theirs === BigInt(asked.length - 2);
  if ((ours instanceof ReplyError || theirs instanceof ReplyError) && form !== RANK) return EXACT(ours, theirs);
  return form(ours, theirs);
}

function isScanFromWithin([name, first, second]: readonly Argument[]): boolean {
  const command = String(name).toLowerCase();
  return command.endsWith("scan") && (command === "scan" ? first : second) !== "0";
}

function isBadCursor(reply: Reply): boolean {
  return reply instanceof ReplyError && reply.message === BAD_CURSOR;
}

const CONTENT = ALL_KEYS.flatMap((key) => [
  { args: ["type", key], form: EXACT },
  { args: ["get", key], form: EXACT },
  { args: ["lrange", key, "0", "-1"], form: EXACT },
  { args: ["hgetall", key], form: PAIRS },
  { args: ["expiretime", key], form: (ours: Reply, theirs: Reply) => Math.abs(Number(ours) - Number(theirs)) < 20 },
]);

const names = new Set<string>();
let errors = 0;

async function test(random: Random, store: MemoryStore, redis: Connection, commands: number): Promise<boolean> {
  const history: Step[] = [];
  for (let left = commands; left > 0; left -= BATCH) {
    const drawn = Array.from({ length: Math.min(left, BATCH) }, () => drawCommand(random));
    const steps = await runOurs(store, left > BATCH ? drawn : [...drawn, ...CONTENT], random);
    const replies = await redis.ask(steps.map(forRedis));
    for (const [i, step] of steps.entries()) {
      names.add(String(step.args[0]).toLowerCase());
      if (step.ours instanceof ReplyError) errors++;
      if (!isSame(step, replies[i])) {
        report(history, step, replies[i]);
        return false;
      }
      history.push(step);
    }
  }
  return true;
}

function report(history: readonly Step[], step: Step, theirs: Reply): void {
  const keys = step.args.filter((argument) => ALL_KEYS.includes(String(argument)));
  const related = history.filter(({ args }) => args.some((argument) => keys.includes(argument)));
  console.log(`FAIL FERRITE_SEED=${SEED}, the last commands on ${keys.join(", ")}:`);
  for (const { args, ours } of related.slice(-HISTORY)) console.log(`  ${show(args)} → ${cut(ours)}`);
  console.log(`  ${show(step.args)}\n    store: ${cut(step.ours)}\n    Redis: ${cut(theirs)}`);
}

function cut(reply: Reply): string {
  return show(plain(reply)).slice(0, MAX_SHOWN);
}

/** What the table says about commands must be what Redis says about them. */
async function compareTable(redis: Connection): Promise<number> {
  let failed = 0;
  const [theirs] = await redis.ask([["command", "info", ...COMMANDS.keys()]]);
  for (const [i, { name, arity, flags, keys }] of [...COMMANDS.values()].entries()) {
    // WITHSCORE is later than 7.0.
    const ours = [name, /^z(rev)?rank$/.test(name) ? 3 : arity, flags.includes("write"), ...keys];
    const found = (theirs as readonly Reply[])[i] as readonly Reply[];
    const flagsThere = (found[2] as readonly Reply[]).map((flag) => String(plain(flag)));
    const wanted = [plain(found[0]), Number(found[1]), flagsThere.includes("+write"), ...found.slice(3, 6).map(Number)];
    if (JSON.stringify([`$${name}`, ...ours.slice(1)]) === JSON.stringify(wanted)) continue;
    console.log(`FAIL command ${name}: ${show(ours)}, in Redis ${show(wanted)}`);
    failed++;
  }
  return failed;
}

/** The replies that the tests expect must be those of Redis. */
async function checkScripts(redis: Connection): Promise<number> {
  let failed = 0;
  for (const { name, steps } of SCRIPTS.filter(({ isOurs }) => !isOurs)) {
    const [, ...replies] = await redis.ask([["flushall"], ...steps.map(([command]) => argumentsOf(command))]);
    const wrong = steps.findIndex(([, expected], i) => !isAsExpected(replies[i], expected));
    if (wrong < 0) continue;
    console.log(`FAIL script ${name}: ${show(steps[wrong][0])} is ${cut(replies[wrong])} in Redis`);
    failed++;
  }
  return failed;
}

async function main(): Promise<boolean> {
  const start = performance.now();
  await using server = await RedisServer.start();
  const redis = await Connection.open(join(server.folder, "redis.sock"));
  console.log(`FERRITE_SEED=${SEED}, Redis ${await server.version()}, Node ${process.versions.node}`);
  const random = new Random();
  let failed = await compareTable(redis) + await checkScripts(redis) + await checkUpstashCalls(redis);
  let [passed, compared] = [0, 0];
  for (let left = Number(options.commands); left > 0 && failed === 0; left -= RUN) {
    const commands = Math.min(left, RUN);
    await using store = new MemoryStore({ maxSize: "64MB" });
    await redis.ask([["flushall"]]);
    if (await test(random, store, redis, commands)) {
      passed++;
      compared += commands;
    } else failed++;
  }
  redis.close();
  const missing = [...NAMES].filter((name) => !names.has(name));
  if (failed === 0 && missing.length > 0) {
    console.log(`FAIL never drawn: ${missing.join(", ")}`);
    failed++;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${compared} commands, ${names.size} names, ${errors} errors in ${seconds} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

try {
  process.exitCode = await main() ? 0 : 1;
} catch (error) {
  console.error(error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
