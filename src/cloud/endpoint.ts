import { describe, StorageError } from "../errors.ts";

/** An endpoint without a slash at its end. */
export function parseEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint)) {
    const { protocol, host, pathname } = new URL(endpoint);
    if (/^https?:$/.test(protocol)) return `${protocol}//${host}${pathname.replace(/\/$/, "")}`;
  }
  throw new StorageError("CONFIG", `Cannot use endpoint: expected a URL, received ${describe(endpoint)}`);
}
