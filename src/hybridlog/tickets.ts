import type { Key } from "../engine.ts";
import { Miss } from "../records/miss.ts";
import { namesOf } from "./names.ts";
import type { Loaded } from "./space.ts";

/** A call that could not be answered at once: it waits for records, or for earlier calls that touch what it does. */
export class Ticket<T> {
  /** The keys it touches; `null` for one of which that is not known: it comes after all earlier ones, and before all later. */
  readonly keys: ReadonlySet<string> | null;
  readonly step: () => T;
  readonly signal: AbortSignal | undefined;
  readonly promise: Promise<T>;
  resolve!: (result: T) => void;
  reject!: (error: unknown) => void;
  isOver = false;
  isRunning = false;

  constructor(keys: ReadonlySet<string> | null, step: () => T, signal: AbortSignal | undefined) {
    this.keys = keys;
    this.step = step;
    this.signal = signal;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** After so many attempts a call reads what it still misses in one go: others could drive out what it has loaded, again and again. */
const MAX_ATTEMPTS = 8;

/** What tickets need of a store. */
export interface Loader {
  /** Loads without blocking. */
  loadAsync(miss: Miss, loaded: Loaded): Promise<void>;
  /** Runs a step, loading with blocking reads. */
  run<T>(step: () => T): T;
  /** Whether the step under way may wait for the disk. */
  mayBlock: boolean;
}

/**
 * The calls that wait, in the order in which they were made. Calls on one key take effect in that order; those that share no key
 * do not wait for each other.
 */
export class Tickets {
  #waiting: Ticket<unknown>[] = [];
  readonly #loader: Loader;

  constructor(loader: Loader) {
    this.#loader = loader;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes a ticket for a call which has missed records, or which comes after others that do. */
  take<T>(keys: readonly Key[] | null, step: () => T, signal?: AbortSignal, miss?: Miss): Ticket<T> {
    const ticket = new Ticket(keys === null ? null : namesOf(keys) ?? null, step, signal);
    this.#waiting.push(ticket as Ticket<unknown>);
    if (this.#isNext(ticket as Ticket<unknown>)) void this.#pursue(ticket as Ticket<unknown>, miss);
    return ticket;
  }

  /** Whether a call on these keys has to wait for an earlier one. One on what are no keys is refused at once. */
  isHeld(keys: readonly Key[] | null): boolean {
    if (this.isEmpty) return false;
    const names = keys === null ? null : namesOf(keys);
    return names !== undefined && this.#waiting.some((other) => touches(other.keys, names));
  }

  #isNext(ticket: Ticket<unknown>): boolean {
    for (const other of this.#waiting) {
      if (other === ticket) return true;
      if (touches(other.keys, ticket.keys)) return false;
    }
    return true;
  }

  async #pursue(ticket: Ticket<unknown>, miss?: Miss): Promise<void> {
    ticket.isRunning = true;
    const loaded: Loaded = new Set();
    for (let attempt = 1; !ticket.isOver; attempt++) {
      try {
        if (miss !== undefined) await this.#loader.loadAsync(miss, loaded);
        if (ticket.isOver) return;
        ticket.signal?.throwIfAborted();
        this.#loader.mayBlock = false;
        const result = attempt > MAX_ATTEMPTS ? this.#loader.run(ticket.step) : ticket.step();
        this.#end(ticket, () => ticket.resolve(result));
      } catch (error) {
        if (ticket.isOver) return; // finished by a call that could not wait, while this was loading
        if (error instanceof Miss) miss = error;
        else this.#end(ticket, () => ticket.reject(error));
      }
    }
  }

  #end(ticket: Ticket<unknown>, settle: () => void): void {
    ticket.isOver = true;
    this.#waiting.splice(this.#waiting.indexOf(ticket), 1);
    settle();
    for (const other of [...this.#waiting]) {
      if (!other.isRunning && !other.isOver && this.#isNext(other)) void this.#pursue(other);
    }
  }

  /** Finishes all calls that wait, by blocking reads, for one that cannot wait. */
  finishAll(): void {
    while (this.#waiting.length > 0) {
      const ticket = this.#waiting[0];
      // Ended first, so that nothing it sets off starts another.
      ticket.isOver = true;
      this.#waiting.shift();
      try {
        ticket.signal?.throwIfAborted();
        ticket.resolve(this.#loader.run(ticket.step));
      } catch (error) {
        ticket.reject(error);
      }
    }
  }
}

function touches(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): boolean {
  if (a === null || b === null) return true;
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const name of few) if (many.has(name)) return true;
  return false;
}
