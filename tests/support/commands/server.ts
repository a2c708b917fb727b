import { OK, type Reply, type Status } from "../../../src/commands/reply.ts";
import { arity, error, NOT_INTEGER, type Script, script, status, SYNTAX } from "./script.ts";

const text = (reply: Reply) => reply instanceof Uint8Array ? new TextDecoder().decode(reply) : String(reply);

export const SERVER: readonly Script[] = [
  script("PING, ECHO, SELECT, TIME", [
    ["ping", status("PONG")],
    ["ping hello", "hello"],
    ["ping a b", arity("ping")],
    ["echo hi", "hi"],
    [["echo", "a\r\nb"], "a\r\nb"],
    ["echo", arity("echo")],
    ["select 0", OK],
    ["select 99", error("ERR DB index is out of range")],
    ["select abc", NOT_INTEGER],
    ["select 4294967296", error("ERR value is out of range, value must between -2147483648 and 2147483647")],
    ["time", (reply) => {
      const [seconds, microseconds] = (reply as readonly Reply[]).map(text).map(Number);
      return Math.abs(seconds - Date.now() / 1000) < 60 && microseconds >= 0 && microseconds < 1e6;
    }],
    ["time now", arity("time")],
  ]),
  script("unknown commands", [
    ["nosuch", error("ERR unknown command 'nosuch', with args beginning with: ")],
    ["NoSuch a b", error("ERR unknown command 'NoSuch', with args beginning with: 'a' 'b' ")],
    [["no\r\nsuch", "x\r\n+OK"], error("ERR unknown command 'no  such', with args beginning with: 'x  +OK' ")],
    [
      ["n".repeat(200), "x".repeat(200)],
      error(`ERR unknown command '${"n".repeat(128)}', with args beginning with: '${"x".repeat(128)}' `),
    ],
    ["command foo", error("ERR unknown subcommand 'foo'. Try COMMAND HELP.")],
    ["command count 1", arity("command|count")],
    ["command list foo", SYNTAX],
  ]),
  script("COMMAND", [
    ["command count", 133],
    ["command list", (reply) => Array.isArray(reply) && reply.length === 133 && reply.includes("zadd")],
    ["command", (reply) => Array.isArray(reply) && reply.length === 133],
    ["command info GET none", (reply) => {
      const [get, none] = reply as readonly Reply[];
      const [name, number, [flag], ...keys] = get as readonly [Reply, Reply, readonly Reply[], ...Reply[]];
      return none === null && name === "get" && number === 2 && (flag as Status).text === "readonly" &&
        JSON.stringify(keys.slice(0, 3)) === "[1,1,1]";
    }],
    ["command help", (reply) => Array.isArray(reply) && reply.length === 9],
  ], { isOurs: true }),
  script("INFO", [
    ["set k v", OK],
    ["info", (reply) => /# Server\r\nredis_version:7[^]*\r\nused_memory:\d+\r\n[^]*# Keyspace/.test(text(reply))],
    ["info memory", (reply) => text(reply).startsWith("# Memory\r\n") && !text(reply).includes("# Server")],
    ["info everything", (reply) => text(reply).includes("# Stats")],
    ["info nosuch", ""],
  ], { isOurs: true }),
];
