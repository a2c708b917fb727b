import type { Key } from "../engine.ts";
import { Miss } from "../records/miss.ts";
import { namesOf } from "../records/names.ts";
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
  /** How many earlier ones it waits for. */
  waitsFor = 0;
  /** Those that wait for it. */
  readonly followers: Ticket<unknown>[] = [];

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
 * do not wait for each other. Taking and ending a ticket is O(its keys).
 */
export class Tickets {
  /** In the order of the calls. */
  readonly #waiting = new Set<Ticket<unknown>>();
  /** Of each key, the last call that touches it, of those after `#wall`. */
  readonly #last = new Map<string, Ticket<unknown>>();
  /** The last call that may touch any key. */
  #wall: Ticket<unknown> | null = null;
  /** Those that wait for nothing more; `null` while nobody starts them. */
  #ready: Ticket<unknown>[] | null = null;
  readonly #loader: Loader;

  constructor(loader: Loader) {
    this.#loader = loader;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Takes a ticket for a call which has missed records, or which comes after others that do. */
  take<T>(keys: readonly Key[] | null, step: () => T, signal?: AbortSignal, miss?: Miss): Ticket<T> {
    const ticket = new Ticket(keys === null ? null : namesOf(keys) ?? null, step, signal);
    this.#enqueue(ticket as Ticket<unknown>);
    if (ticket.waitsFor === 0) void this.#pursue(ticket as Ticket<unknown>, miss);
    return ticket;
  }

  /** Whether a call on these keys has to wait for an earlier one. One on what are no keys is refused at once. */
  isHeld(keys: readonly Key[] | null): boolean {
    if (this.isEmpty) return false;
    const names = keys === null ? null : namesOf(keys);
    if (names === undefined) return false;
    if (names === null || this.#wall !== null) return true;
    for (const name of names) if (this.#last.has(name)) return true;
    return false;
  }

  #enqueue(ticket: Ticket<unknown>): void {
    const before = new Set<Ticket<unknown>>();
    for (const name of ticket.keys ?? this.#last.keys()) {
      const last = this.#last.get(name) ?? this.#wall;
      if (last !== null) before.add(last);
    }
    // Those after the wall wait for it themselves.
    if (before.size === 0 && this.#wall !== null) before.add(this.#wall);
    for (const other of before) other.followers.push(ticket);
    ticket.waitsFor = before.size;
    this.#waiting.add(ticket);
    if (ticket.keys === null) {
      this.#last.clear();
      this.#wall = ticket;
    } else {
      for (const name of ticket.keys) this.#last.set(name, ticket);
    }
  }

  async #pursue(ticket: Ticket<unknown>, miss?: Miss): Promise<void> {
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
    this.#remove(ticket);
    settle();
    const ready = ticket.followers.filter((follower) => follower.waitsFor === 0);
    // What is started may end at once, and start others: thousands of calls may wait for one key.
    if (this.#ready !== null) {
      this.#ready.push(...ready);
      return;
    }
    this.#ready = ready;
    for (const follower of ready) if (!follower.isOver) void this.#pursue(follower);
    this.#ready = null;
  }

  #remove(ticket: Ticket<unknown>): void {
    ticket.isOver = true;
    this.#waiting.delete(ticket);
    if (this.#wall === ticket) this.#wall = null;
    for (const name of ticket.keys ?? []) if (this.#last.get(name) === ticket) this.#last.delete(name);
    for (const follower of ticket.followers) follower.waitsFor--;
  }

  /** Finishes all calls that wait, by blocking reads, for one that cannot wait. */
  finishAll(): void {
    for (const ticket of this.#waiting) {
      // Ended first, so that nothing it sets off starts another.
      this.#remove(ticket);
      try {
        ticket.signal?.throwIfAborted();
        ticket.resolve(this.#loader.run(ticket.step));
      } catch (error) {
        ticket.reject(error);
      }
    }
  }
}
