import type { Key } from "../../engine.ts";
import { nameOf } from "../../records/names.ts";

/** The calls on a key that are under way. */
interface Flight {
  /** How many, reads and writes. */
  calls: number;
  /** How many of them write. */
  writes: number;
  /** Goes up when a write begins and when it ends. */
  version: number;
}

/**
 * The calls that are under way, so that it is known whether what a read has found may be kept: not if there was a write to the key at any
 * moment of it. A write that begins later may overtake its answer; and a read that is made in a function given to `update` does not
 * see what that returns.
 */
export class Flights {
  readonly #flights = new Map<string, Flight>();
  /** Writes under way that may be to any key. */
  #walls = 0;
  /** Goes up when one of those begins. */
  #epoch = 0;

  /** Whether nothing that is kept may be believed. */
  get isWalled(): boolean {
    return this.#walls > 0;
  }

  /** Whether no write to a key is under way. */
  isQuiet(key: Key): boolean {
    return this.#flights.size === 0 || (this.#flights.get(nameOf(key))?.writes ?? 0) === 0;
  }

  /** Begins a read. What it returns ends it, and tells whether there was no write meanwhile. */
  read(key: Key): () => boolean {
    const name = nameOf(key);
    const flight = this.#enter(name);
    const { version } = flight;
    const epoch = this.#epoch;
    return () => {
      this.#leave(name, flight);
      return flight.version === version && flight.writes === 0 && this.#epoch === epoch;
    };
  }

  /** Begins a write. What it returns ends it, and tells whether it was the last one, as far as is known. */
  write(key: Key): () => boolean {
    const name = nameOf(key);
    const flight = this.#enter(name);
    flight.writes++;
    const version = ++flight.version;
    const epoch = this.#epoch;
    return () => {
      const wasLast = flight.version === version && this.#epoch === epoch;
      flight.writes--;
      flight.version++;
      this.#leave(name, flight);
      return wasLast;
    };
  }

  /** Notes a write that is over when this returns. */
  touch(key: Key): void {
    if (this.#flights.size === 0) return;
    const flight = this.#flights.get(nameOf(key));
    if (flight !== undefined) flight.version++;
  }

  /** Begins a write that may be to any key. What it returns ends it. */
  wall(): () => void {
    this.#walls++;
    this.#epoch++;
    return () => void this.#walls--;
  }

  #enter(name: string): Flight {
    let flight = this.#flights.get(name);
    if (flight === undefined) this.#flights.set(name, flight = { calls: 0, writes: 0, version: 0 });
    flight.calls++;
    return flight;
  }

  #leave(name: string, flight: Flight): void {
    if (--flight.calls === 0) this.#flights.delete(name);
  }
}
