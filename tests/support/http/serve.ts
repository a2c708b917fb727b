import type { AddressInfo } from "node:net";

/** What a server serves. */
export interface Served {
  fetch(request: Request): Response | Promise<Response>;
}

export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves an app on a free port of this machine, in the way of this runtime. */
export async function serve(app: Served): Promise<Server> {
  const fetch = (request: Request) => app.fetch(request);
  if ("Deno" in globalThis) return serveDeno(fetch);
  if ("Bun" in globalThis) return serveBun(fetch);
  return await serveNode(fetch);
}

type Fetch = (request: Request) => Response | Promise<Response>;

function serveDeno(fetch: Fetch): Server {
  const { Deno } = globalThis as unknown as { Deno: { serve(options: object, fetch: Fetch): DenoServer } };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, fetch);
  return { port: server.addr.port, close: () => server.shutdown() };
}

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

function serveBun(fetch: Fetch): Server {
  const { Bun } = globalThis as unknown as { Bun: { serve(options: object): BunServer } };
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  return { port: server.port, close: () => server.stop(true) };
}

interface BunServer {
  readonly port: number;
  stop(closeConnections: boolean): Promise<void>;
}

async function serveNode(fetch: Fetch): Promise<Server> {
  const { serve } = await import("@hono/node-server");
  let server!: ReturnType<typeof serve>;
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, resolve);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
