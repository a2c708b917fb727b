import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commandFor, type RuntimeName } from "../runtime.ts";
import { type CommandName, type Commands, MARK, type Reply } from "./protocol.ts";

/** How a worker is started. */
export interface WorkerOptions {
  /** The runtime of this process if not given. */
  runtime?: RuntimeName;
  /** A command in front of the worker's own, which goes on as that. */
  through?: readonly string[];
}

/** A process of its own for one contender, so that nobody's heap slows another one's garbage collector. */
export class Worker {
  readonly #child: ChildProcess;
  /** Of the command under way; there is never more than one. */
  #settle: ((reply: Reply) => void) | null = null;
  #end: string | null = null;

  constructor({ runtime, through = [] }: WorkerOptions = {}) {
    const script = fileURLToPath(new URL("./main.ts", import.meta.url));
    const [command, ...args] = [...through, ...commandFor(script, runtime).flat()];
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.once("error", (error) => this.#stop(`cannot be started: ${error.message}`));
    this.#child.once("exit", (code, signal) => this.#stop(`ended with ${signal ?? `exit code ${code}`}`));
    this.#child.stdin!.on("error", () => {}); // told by "exit"
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      if (line.startsWith(MARK)) {
        this.#reply(JSON.parse(line.slice(MARK.length)));
      } else process.stderr.write(`${line}\n`);
    });
  }

  /** Whether the process is there to take commands. */
  get isAlive(): boolean {
    return this.#end === null;
  }

  /** Has the worker do something. Rejects with what went wrong there. */
  async ask<K extends CommandName>(command: K, args: Commands[K]["arguments"]): Promise<Commands[K]["answer"]> {
    if (this.#end !== null) throw new Error(this.#end);
    const reply = await new Promise<Reply>((resolve) => {
      this.#settle = resolve;
      this.#child.stdin!.write(`${JSON.stringify({ command, args })}\n`);
    });
    if ("error" in reply) throw new Error(reply.error);
    return reply.answer as Commands[K]["answer"];
  }

  /** Lets the process close its store and go. */
  async close(): Promise<void> {
    if (this.#end !== null) return;
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin!.end();
    await ended;
  }

  #stop(reason: string): void {
    this.#end = `its process ${reason}`;
    this.#reply({ error: this.#end });
  }

  #reply(reply: Reply): void {
    this.#settle?.(reply);
    this.#settle = null;
  }
}
