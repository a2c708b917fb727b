import { type Context, Hono } from "hono";
import { basePath } from "hono/route";
import { ReplyError } from "../commands/reply.ts";
import type { StorageEngine } from "../engine.ts";
import { HEADERS, json, refuse, statusOf, UNREADABLE } from "./answers.ts";
import { readCommand, readCommands } from "./body.ts";
import { Call } from "./call.ts";
import { type CheckedOptions, checkOptions } from "./check_options.ts";
import { type Admitted, authorize, limitBody, limitMethods } from "./guards.ts";
import { readLocation } from "./location.ts";
import type { FerriteAppOptions } from "./options.ts";

const METRICS_HEADERS = { ...HEADERS, "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };

/**
 * A Hono app that serves a store in the protocol of Upstash Redis: its clients, and whatever else speaks that, work with it
 * as it is. Commands are Redis's; one that the store cannot do is refused. `GET /health` says whether the store is open.
 * `CONFIG` for options that make no sense, which is also when nothing is said about who may use it.
 *
 * It uses nothing but what the web has, so that it runs wherever Hono does, and can be mounted anywhere with `app.route()`.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { ferriteApp } from "@ferrite/storage/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryStore();
 * const app = ferriteApp(store, { token: "secret" });
 * const request = new Request("http://localhost/set/name/Ada", { headers: { authorization: "Bearer secret" } });
 * const response = await app.fetch(request); // or Deno.serve(app.fetch), Bun.serve({ fetch: app.fetch }), …
 * assertEquals(await response.json(), { result: "OK" });
 * ```
 */
export function ferriteApp(store: StorageEngine, options: FerriteAppOptions): Hono {
  const checked = checkOptions(options);
  const app = new Hono<Admitted>();
  app.onError((error) => answerTo(error, checked));
  app.get("/health", () => health(store));
  app.use(authorize(checked));
  const { metrics } = checked;
  if (metrics !== null) {
    app.get("/metrics", async () => new Response(await metrics(), { headers: METRICS_HEADERS }));
  }
  app.use(limitMethods, limitBody(checked.maxBodyBytes));
  app.all("*", async (c) => {
    try {
      return await answer(c, store, checked);
    } catch (error) { // Hono hands only errors on
      return answerTo(error, checked);
    }
  });
  return app as unknown as Hono;
}

async function answer(c: Context<Admitted>, store: StorageEngine, options: CheckedOptions): Promise<Response> {
  const { path, query } = readLocation(c.req.url, partsOf(basePath(c)));
  const call = new Call(store, options, c.get("access"), c.req.raw.headers);
  const hasBody = c.req.method === "POST" || c.req.method === "PUT";
  const body = hasBody ? await readBody(c) : new Uint8Array(0);
  if (path.length === 0) return await call.command(readCommand(body));
  if (hasBody && path.length === 1 && query.length === 0) {
    if (path[0] === "pipeline") return await call.pipeline(readCommands(body, "pipeline request"));
    if (path[0] === "multi-exec") return await call.transaction(readCommands(body, "multi-exec request"));
  }
  return await call.command([...path, ...body.length === 0 ? [] : [body], ...query]);
}

function partsOf(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/** The whole body. */
async function readBody(c: Context): Promise<Uint8Array> {
  try {
    return new Uint8Array(await c.req.arrayBuffer());
  } catch {
    throw new ReplyError(UNREADABLE);
  }
}

function answerTo(error: unknown, { onError }: CheckedOptions): Response {
  if (error instanceof ReplyError) return refuse(statusOf(error), error.message);
  onError(error);
  return refuse(500, "ERR internal error");
}

/** Whether the store can be used. */
function health(store: StorageEngine): Response {
  try {
    store.stats();
    return json(200, '{"status":"ok"}');
  } catch {
    return json(503, '{"status":"closed"}');
  }
}
