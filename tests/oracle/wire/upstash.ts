// Upstash's client on a real Redis: what it is asked goes there, and comes back in the form that Upstash's server gives it.

import { Redis, type Requester } from "@upstash/redis";
import type { Reply } from "../../../src/commands/reply.ts";
import { ReplyError } from "../../../src/commands/reply.ts";
import { toJson } from "../../../src/http/json.ts";
import { CALLS } from "../../support/http/upstash_calls.ts";
import { show } from "../show.ts";
import type { Connection } from "./connection.ts";

/** Plays the calls of the tests; says what differs, and how often that was. */
export async function checkUpstashCalls(connection: Connection): Promise<number> {
  const redis = new Redis(requesterOf(connection));
  let failed = 0;
  await connection.ask([["flushall"]]);
  for (const { call, expected } of CALLS) {
    const value = await call(redis);
    const isSame = typeof expected === "function"
      ? expected(value)
      : JSON.stringify(value) === JSON.stringify(expected);
    if (isSame) continue;
    console.log(`FAIL ${call}: ${show(value)} in Redis`);
    failed++;
  }
  return failed;
}

type Body = readonly (string | number | boolean)[];

function requesterOf(connection: Connection): Requester {
  const ask = (commands: readonly Body[]): Promise<Reply[]> =>
    connection.ask(commands.map((command) => command.map(String)));
  const request: Requester["request"] = async ({ path = [], body }) => {
    if (path[0] === "pipeline") return JSON.parse(listJson(await ask(body as Body[])));
    if (path[0] === "multi-exec") {
      const replies = await ask([["multi"], ...body as Body[], ["exec"]]);
      return JSON.parse(listJson(replies[replies.length - 1] as Reply[]));
    }
    const [reply] = await ask([body as Body]);
    if (reply instanceof ReplyError) throw reply;
    return JSON.parse(toJson(reply, "text"));
  };
  return { request };
}

function listJson(replies: readonly Reply[]): string {
  return `[${replies.map((reply) => toJson(reply, "text")).join()}]`;
}
