import process from "node:process";

/** Where a command reads and writes. */
export interface Terminal {
  /** All of what is piped in. */
  readInput(): Promise<Uint8Array>;
  /** Writes what was asked for: text, or bytes as they are. */
  print(text: string | Uint8Array): void;
  /** Writes for people: what went wrong, what is going on. */
  tell(text: string): void;
  /** Shows on a screen, and nowhere else, how far something has come that is counted in `unit`. */
  progressBar(unit: string): Promise<ProgressBar>;
}

/** How far something has come. */
export interface ProgressBar {
  show(done: number, total: number): void;
  end(): void;
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
  async progressBar(unit) {
    const { default: progress } = await import("cli-progress");
    const format = `{bar} {percentage} % of {total} ${unit}, {eta_formatted} left`;
    const bar = new progress.SingleBar(
      { format, stream: process.stderr, clearOnComplete: true },
      progress.Presets.rect,
    );
    let isShown = false;
    return {
      show(done, total) {
        if (!isShown) bar.start(total, done);
        isShown = true;
        // Keys that were written meanwhile are copied, too.
        bar.setTotal(Math.max(total, done));
        bar.update(done);
      },
      end: () => bar.stop(),
    };
  },
};
