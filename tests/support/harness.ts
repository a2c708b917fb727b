/** `test` of whichever runner has started this file: `Deno.test`, `bun:test` or `node:test`. */
export type Test = (name: string, run: () => void | Promise<void>) => void;

async function findTest(): Promise<Test> {
  const { Deno, Bun } = globalThis as { Deno?: { test: Test }; Bun?: unknown };
  if (Deno !== undefined) return (name, run) => Deno.test(name, run);
  if (Bun === undefined) return await withoutAsyncHooks(async () => (await import("node:test")).test);
  const runner = "bun:test";
  const { test } = await import(runner);
  // bun:test gives up after five seconds unless told otherwise.
  return (name, run) => test(name, run, 120_000);
}

/**
 * `node:test` follows every promise, to tell of which test an error is that nobody catches. That takes a third of the time of tests that wait
 * for much, and without it such an error fails the file.
 */
async function withoutAsyncHooks<T>(load: () => Promise<T>): Promise<T> {
  const { default: hooks } = await import("node:async_hooks");
  const { createHook } = hooks;
  hooks.createHook = () => createHook({});
  try {
    return await load();
  } finally {
    hooks.createHook = createHook;
  }
}

export const test: Test = await findTest();

/** Whether this is the runtime that does what need not be done on each: the one that takes the least time for it. */
export const doesAll: boolean = "Deno" in globalThis;

/**
 * Of long random runs each runtime does one in so many: all that are the same on each, as their files are in memory, are done where they take
 * the least time; Node takes two times as long, Bun five times.
 */
export const SHARE: number = "Deno" in globalThis ? 1 : "Bun" in globalThis ? 6 : 3;

/** How many of `count` long random runs to do. */
export function share(count: number): number {
  return Math.ceil(count / SHARE);
}
