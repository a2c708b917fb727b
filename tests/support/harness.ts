/** `test` of whichever runner has started this file: `Deno.test`, `bun:test` or `node:test`. */
export type Test = (name: string, run: () => void | Promise<void>) => void;

async function findTest(): Promise<Test> {
  const { Deno, Bun } = globalThis as { Deno?: { test: Test }; Bun?: unknown };
  if (Deno !== undefined) return (name, run) => Deno.test(name, run);
  const runner = Bun === undefined ? "node:test" : "bun:test";
  const { test } = await import(runner);
  // bun:test gives up after five seconds unless told otherwise.
  return (name, run) => Bun === undefined ? void test(name, run) : test(name, run, 120_000);
}

export const test: Test = await findTest();

/** How many of `count` long random runs to do: Node has several files under way at a time, and does all; the others a third. */
export function share(count: number): number {
  const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);
  return isNode ? count : Math.ceil(count / 3);
}
