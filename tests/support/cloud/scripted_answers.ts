import { assertRejects } from "@std/assert";
import {
  azure,
  type Fetch,
  gcs,
  type ObjectStorage,
  RequestError,
  type RequestFailure,
  s3,
} from "@ferrite/storage/cloud";
import { arrive, type Arrived } from "./answers.ts";
import { ACCOUNT } from "./fake_s3.ts";

/** An answer: a status, headers, and what the body says. */
export type Answer = readonly [status: number, headers?: Record<string, string>, body?: string];

/** A `fetch` that gives these answers one after another, the last again and again, and keeps what it was asked. */
export function scripted(...answers: Answer[]): { fetch: Fetch; requests: Arrived[] } {
  const requests: Arrived[] = [];
  const fetch: Fetch = async (input, init) => {
    const [status, headers, body] = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(arrive(input, init));
    const mayHaveBody = ![204, 304].includes(status);
    return new Response(mayHaveBody ? body ?? "" : null, { status, headers });
  };
  return { fetch, requests };
}

/** The body of an error in XML. */
export function error(code: string, message: string = "words"): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

export const ACCOUNT_KEY: string = btoa("the key of the account");

/** The three providers, over a `fetch`. */
export const PROVIDERS: Record<"s3" | "gcs" | "azure", (fetch: Fetch) => ObjectStorage> = {
  s3: (fetch) => s3({ bucket: "ferrite", credentials: ACCOUNT, fetch }),
  gcs: (fetch) => gcs({ bucket: "ferrite", credentials: { token: "token" }, fetch }),
  azure: (fetch) => azure({ account: "acme", container: "ferrite", credentials: { accountKey: ACCOUNT_KEY }, fetch }),
};

/** What came of a request that must fail, and the words about it. */
export async function failureOf(run: () => Promise<unknown>): Promise<RequestFailure & { message: string }> {
  const { failure, message } = await assertRejects(run, RequestError);
  return { ...failure, message };
}
