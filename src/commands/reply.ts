/** A short text that a server says by itself, as `OK`; in RESP it begins with `+`. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What a command is refused with: a code in capitals and a sentence, in Redis's words where Redis has some. Commands throw
 * it, and it is a reply, too. One with a cause is a failure of the store, which the client can do nothing about.
 */
export class ReplyError extends Error {
  override readonly name: string = "ReplyError";

  constructor(text: string, cause?: unknown) {
    // What came from outside may be in the text, and must not end the line of an answer in RESP.
    super(text.replace(/[\r\n]/g, " "), cause === undefined ? undefined : { cause });
  }
}

/** No array, which RESP tells from no string. */
export class NoArray {
  static readonly instance: NoArray = new NoArray();
}

/** What a command answers with. Strings and bytes are what RESP calls bulk strings. */
export type Reply = null | number | bigint | string | Uint8Array | Status | ReplyError | NoArray | readonly Reply[];

export const OK: Status = new Status("OK");
export const NO_ARRAY: NoArray = NoArray.instance;

/** What comes now or later: a transaction answers at once, a store with a promise. */
export type Awaitable<T> = T | Promise<T>;

/** What `change` makes of a result, as soon as that is there. */
export function into<T, R>(result: Awaitable<T>, change: (result: T) => Awaitable<R>): Awaitable<R> {
  return result instanceof Promise ? result.then(change) : change(result);
}

/** As `into`, and what `recover` makes of a failure. */
export function attempt<T, R>(
  run: () => Awaitable<T>,
  change: (result: T) => Awaitable<R>,
  recover: (error: unknown) => Awaitable<R>,
): Awaitable<R> {
  let result: Awaitable<T>;
  try {
    result = run();
  } catch (error) {
    return recover(error);
  }
  return result instanceof Promise ? result.then(change, recover) : change(result);
}

/** All results, as soon as the last of them is there. */
export function all<T>(results: readonly Awaitable<T>[]): Awaitable<T[]> {
  return results.some((result) => result instanceof Promise) ? Promise.all(results) : results as T[];
}

export function toBit(answer: boolean): number {
  return answer ? 1 : 0;
}

export function toOk(): Status {
  return OK;
}

/** The number of an array's elements that are true. */
export function countTrue(answers: readonly boolean[]): number {
  return answers.reduce((count, answer) => answer ? count + 1 : count, 0);
}

/** Pairs as Redis sends them: one after another. Numbers become text. */
export function flatten(pairs: readonly (readonly [Uint8Array, Uint8Array | number])[]): Reply[] {
  const flat: Reply[] = [];
  for (const [first, second] of pairs) flat.push(first, typeof second === "number" ? scoreText(second) : second);
  return flat;
}

/** A double in the shortest form that reads back as the same, as Redis has it from 7.2 on. */
export function scoreText(score: number): string {
  if (Object.is(score, -0)) return "-0";
  return Number.isFinite(score) ? String(score) : score > 0 ? "inf" : "-inf";
}
