// A server of HTTP in the way of each runtime.

import type { AddressInfo } from "node:net";
import { StorageError } from "../errors.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** Where to listen. */
export interface Address {
  readonly hostname: string;
  /** 0 for one that is free. */
  readonly port: number;
}

/** A server that has been started. */
export interface Listener {
  readonly port: number;
  /** Takes no more requests, and resolves when those under way have been answered. */
  close(): Promise<void>;
}

/** Serves what `fetch` answers. `UNAVAILABLE` when the address cannot be had. */
export async function listen(fetch: Fetch, address: Address): Promise<Listener> {
  try {
    if ("Deno" in globalThis) return listenOnDeno(fetch, address);
    if ("Bun" in globalThis) return listenOnBun(fetch, address);
    return await listenOnNode(fetch, address);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError("UNAVAILABLE", `Cannot listen on ${address.hostname}:${address.port}: ${why}`, { cause });
  }
}

interface DenoServer {
  readonly addr: AddressInfo;
  shutdown(): Promise<void>;
}

function listenOnDeno(fetch: Fetch, address: Address): Listener {
  const { Deno } = globalThis as unknown as { Deno: { serve(options: object, fetch: Fetch): DenoServer } };
  const server = Deno.serve({ ...address, onListen: () => {} }, (request) => fetch(request));
  return { port: server.addr.port, close: () => server.shutdown() };
}

interface BunServer {
  readonly port: number;
  stop(): Promise<void>;
}

function listenOnBun(fetch: Fetch, address: Address): Listener {
  const { Bun } = globalThis as unknown as { Bun: { serve(options: object): BunServer } };
  const server = Bun.serve({ ...address, fetch: (request: Request) => fetch(request) });
  return { port: server.port, close: () => server.stop() };
}

async function listenOnNode(fetch: Fetch, address: Address): Promise<Listener> {
  const { createAdaptorServer } = await import("@hono/node-server");
  const server = createAdaptorServer({ fetch });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.hostname, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Those on which nothing is under way would be kept open by their clients.
        if ("closeIdleConnections" in server) server.closeIdleConnections();
      }),
  };
}
