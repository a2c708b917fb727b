// What a request has to get past before its command is looked at.

import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { refuse, UNREADABLE } from "./answers.ts";
import { type Access, Gate } from "./auth.ts";
import type { CheckedOptions } from "./check_options.ts";
import { tokenOf } from "./location.ts";

const METHODS = ["HEAD", "GET", "POST", "PUT"];

/** What is known of a request that got past. */
export interface Admitted {
  Variables: { access: Access };
}

/** Lets a request in that brings a secret, in its header or its query. */
export function authorize({ token, readOnlyToken }: CheckedOptions): MiddlewareHandler<Admitted> {
  const gate = new Gate(token, readOnlyToken);
  return async (c, next) => {
    const bearer = /^Bearer +(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const access = await gate.admit(bearer ?? tokenOf(c.req.url));
    if (access === null) {
      return refuse(401, "WRONGPASS invalid or missing auth token", { "WWW-Authenticate": "Bearer" });
    }
    c.set("access", access);
    await next();
  };
}

export const limitMethods: MiddlewareHandler = async (c, next) => {
  if (METHODS.includes(c.req.method)) return await next();
  return refuse(405, "ERR method not allowed", { Allow: METHODS.join(", ") });
};

/**
 * Refuses longer bodies. Where the length is said beforehand the body is not touched, which servers are quicker with; they
 * let no more through than was said.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const onError = () => refuse(413, `ERR max request size exceeded. Limit: ${maxBytes} bytes`);
  const limit = bodyLimit({ maxSize: maxBytes, onError });
  return async (c, next) => {
    const length = c.req.header("content-length");
    if (length !== undefined && c.req.header("transfer-encoding") === undefined) {
      return Number(length) <= maxBytes ? await next() : onError();
    }
    // It reads the body, which fails where the client goes away; what is wrong behind it is not its business.
    const refusal = await limit(c, nothing).catch(() => refuse(400, UNREADABLE));
    return refusal ?? await next();
  };
}

async function nothing(): Promise<void> {}
