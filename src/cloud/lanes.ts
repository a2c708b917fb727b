import type { Call } from "./call.ts";

/** So many calls on one key are served together. */
const MOST_TOGETHER = 1000;

interface Lane {
  readonly calls: Call[];
  isServed: boolean;
}

/**
 * Calls on one key are served in the order in which they were made, those on different keys at the same time. What waits for a key while
 * calls on it are being served is served together after that: a thousand increments of one counter take a few writes.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #serve: (calls: Call[]) => Promise<() => void>;
  /** What is to be told when a call has ended. */
  readonly #watchers = new Map<Call, (() => void)[]>();

  /** `serve` must not reject. What it resolves to tells the callers, who find the key free then. */
  constructor(serve: (calls: Call[]) => Promise<() => void>) {
    this.#serve = serve;
  }

  /** Whether a call on the key with this name is under way. */
  isTaken(name: string): boolean {
    return this.#lanes.size > 0 && this.#lanes.has(name);
  }

  /** Has a call served, after those before it; not before the end of this turn, so that all of a turn are served together. */
  add(call: Call): void {
    for (const name of call.names) {
      let lane = this.#lanes.get(name);
      if (lane === undefined) this.#lanes.set(name, lane = { calls: [], isServed: false });
      lane.calls.push(call);
    }
    void Promise.resolve().then(() => this.#start(call.names[0]));
  }

  /** Resolves when all calls that have been made until now have ended. */
  async settled(): Promise<void> {
    const last = new Set(Array.from(this.#lanes.values(), ({ calls }) => calls[calls.length - 1]));
    await Promise.all(Array.from(last, (call) =>
      new Promise<void>((resolve) => {
        const watchers = this.#watchers.get(call);
        if (watchers === undefined) this.#watchers.set(call, [resolve]);
        else watchers.push(resolve);
      })));
  }

  #start(name: string): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined || lane.isServed || lane.calls.length === 0) return;
    const [first] = lane.calls;
    const others = first.names.map((other) => this.#lanes.get(other)!);
    if (others.some(({ calls, isServed }) => isServed || calls[0] !== first)) return;
    const end = first.names.length > 1 ? 1 : lane.calls.findIndex(({ names }) => names.length > 1);
    const calls = lane.calls.slice(0, Math.min(end < 0 ? lane.calls.length : end, MOST_TOGETHER));
    for (const other of others) other.isServed = true;
    void this.#serve(calls).then((tell) => {
      this.#end(calls);
      tell();
      if (this.#watchers.size > 0) { for (const call of calls) this.#tell(call); }
    });
  }

  #end(calls: Call[]): void {
    for (const name of calls[0].names) {
      const lane = this.#lanes.get(name)!;
      lane.isServed = false;
      lane.calls.splice(0, calls.length);
      if (lane.calls.length === 0) this.#lanes.delete(name);
    }
    for (const name of calls[0].names) {
      const next = this.#lanes.get(name)?.calls[0];
      if (next !== undefined) this.#start(next.names[0]);
    }
  }

  #tell(call: Call): void {
    for (const watcher of this.#watchers.get(call) ?? []) watcher();
    this.#watchers.delete(call);
  }
}
