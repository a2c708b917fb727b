import { importRival } from "../rivals/import_rival.ts";
import { exchangesOf, HTTP_WORKLOADS, type HttpWorkloadName } from "./workloads.ts";

/** What a server is to be asked. */
export interface LoadRequest {
  readonly port: number;
  readonly workload: HttpWorkloadName;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
}

/** What came of it. */
export interface Load {
  /** Requests that were answered, all of them rightly. */
  requests: number;
  ms: number;
  /** How long each took, in milliseconds. */
  p50: number;
  p99: number;
  max: number;
}

interface Exchanged {
  path: string;
  method: "POST";
  body: string;
  onResponse(status: number, body: string): void;
}

interface Running extends PromiseLike<{ errors: number; timeouts: number }> {
  on(event: "response", listener: (client: unknown, status: number, bytes: number, ms: number) => void): void;
}

type Autocannon = (options: { url: string; connections: number; duration: number; requests: Exchanged[] }) => Running;

/** Asks a server again and again, on so many connections at a time, and holds every answer against what it must be. */
export async function runLoad({ port, workload, connections, seconds, seed }: LoadRequest): Promise<Load> {
  const { default: autocannon } = await importRival<{ default: Autocannon }>("autocannon");
  let wrong = 0;
  const requests = exchangesOf(HTTP_WORKLOADS[workload], seed).map(({ path, body, answer }): Exchanged => ({
    path,
    method: "POST",
    body,
    onResponse: (status, text) => void (status === 200 && text === answer || wrong++),
  }));
  const times: number[] = [];
  const start = performance.now();
  const running = autocannon({ url: `http://127.0.0.1:${port}`, connections, duration: seconds, requests });
  running.on("response", (_client, _status, _bytes, ms) => void times.push(ms));
  const { errors, timeouts } = await running;
  const ms = performance.now() - start;
  if (wrong + errors + timeouts > 0) {
    throw new Error(`${wrong} answers were wrong, ${errors} requests failed, ${timeouts} were given up`);
  }
  times.sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.max(0, Math.ceil(share * times.length) - 1)];
  return { requests: times.length, ms, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
}
