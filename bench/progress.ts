import process from "node:process";

/** Says on the terminal what is under way, in one line that the next one replaces; elsewhere it says nothing. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
