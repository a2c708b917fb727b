/** Lets other work run. Where there is no `setImmediate`, a timer of 0 ms takes one to four. */
export function pause(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };
  return new Promise((resolve) => setImmediate === undefined ? setTimeout(resolve, 0) : setImmediate(resolve));
}
