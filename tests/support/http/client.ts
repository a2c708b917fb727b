import type { StorageEngine } from "@ferrite/storage";
import { ferriteApp, type FerriteAppOptions } from "@ferrite/storage/http";

export const TOKEN = "a-secret";
export const READ_ONLY_TOKEN = "another-secret";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export type Ask = (path: string, init?: RequestInit) => Promise<Answer>;

/** Asks an app over a store, with the token unless a request says otherwise. */
export function askOf(store: StorageEngine, options: Partial<FerriteAppOptions> = {}): Ask {
  return askApp(ferriteApp(store, { token: TOKEN, readOnlyToken: READ_ONLY_TOKEN, onError: unexpected, ...options }));
}

export function askApp(app: { fetch(request: Request): Response | Promise<Response> }): Ask {
  return async (path, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${TOKEN}`);
    const response = await app.fetch(new Request(`http://localhost${path}`, { ...init, headers }));
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
}

function unexpected(error: unknown): never {
  throw error;
}

/** A request with this body. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return { method: "POST", body: isRaw ? body as BodyInit : JSON.stringify(body), headers };
}
