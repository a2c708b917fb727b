import process from "node:process";

/** Where a command reads and writes. */
export interface Terminal {
  /** All of what is piped in. */
  readInput(): Promise<Uint8Array>;
  /** Writes what was asked for: text, or bytes as they are. */
  print(text: string | Uint8Array): void;
  /** Writes for people: what went wrong, what is going on. */
  tell(text: string): void;
}

/** The one that this process was started from. */
export const realTerminal: Terminal = {
  async readInput() {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
  },
  print: (text) => void process.stdout.write(text),
  tell: (text) => void process.stderr.write(`${text}\n`),
};
