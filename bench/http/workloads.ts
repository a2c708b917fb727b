import { freshKey } from "../data/keys.ts";
import { uniform } from "../data/orders.ts";

/** How many commands go in one request, and what they do. */
export interface HttpWorkload {
  readonly commands: number;
  /** Every so-manieth command writes; 0 for none. */
  readonly writesOneIn: number;
}

export type HttpWorkloadName = "100 GET" | "100 GET and SET" | "100 SET" | "1 GET";

export const HTTP_WORKLOADS: Readonly<Record<HttpWorkloadName, HttpWorkload>> = {
  "100 GET": { commands: 100, writesOneIn: 0 },
  "100 GET and SET": { commands: 100, writesOneIn: 2 },
  "100 SET": { commands: 100, writesOneIn: 1 },
  "1 GET": { commands: 1, writesOneIn: 0 },
};

/** Keys that the stores hold, and bytes of their values. */
export const KEYS = 100_000;
const VALUE_BYTES = 100;
/** Different requests, which are made again and again. */
const REQUESTS = 200;

/** The value of a key: always the same, so that answers are known. */
export function valueOf(index: number): string {
  return `${index}:`.padEnd(VALUE_BYTES, "abcdefghijklmnopqrstuvwxyz");
}

/** What is sent as a body, and what has to come back. */
export interface Exchange {
  readonly path: string;
  readonly body: string;
  readonly answer: string;
}

export function exchangesOf({ commands, writesOneIn }: HttpWorkload, seed: number): Exchange[] {
  const order = uniform(KEYS, REQUESTS * commands, seed);
  return Array.from({ length: REQUESTS }, (_, request) => {
    const bodies: string[][] = [];
    const answers: { result: string }[] = [];
    for (let i = 0; i < commands; i++) {
      const index = order[request * commands + i];
      const isWrite = writesOneIn > 0 && i % writesOneIn === 0;
      bodies.push(isWrite ? ["SET", freshKey(index), valueOf(index)] : ["GET", freshKey(index)]);
      answers.push({ result: isWrite ? "OK" : valueOf(index) });
    }
    return commands === 1
      ? { path: "/", body: JSON.stringify(bodies[0]), answer: JSON.stringify(answers[0]) }
      : { path: "/pipeline", body: JSON.stringify(bodies), answer: JSON.stringify(answers) };
  });
}
