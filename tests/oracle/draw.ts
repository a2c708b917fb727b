import type { Key, LexBound, ScoreBound, Value } from "@ferrite/storage";
import { bytes, pattern } from "../support/bytes.ts";
import type { Random } from "../support/random.ts";
import { colliding } from "./collisions.ts";
import type { Argument } from "./reply.ts";
import { label } from "./show.ts";

/** What a phase draws from. Keys come in groups that keep to themselves where several keys are named. */
export interface Pool {
  /** For all types. Scores are so small that sums of them are exact in any order. */
  readonly keys: readonly Key[];
  /** For sorted sets with scores of all kinds, where sums depend on the order: never more than two at once. */
  readonly signed: readonly Key[];
  /** For sorted sets with equal scores. */
  readonly lex: readonly Key[];
  /** How many different elements there are; few, so that they meet, unless something is to grow. */
  readonly elements: number;
  /** At most so many elements in one call. */
  readonly batch: number;
  /** How long the names of elements are at most; short, if not given. */
  readonly stretch?: number;
  /** With it, elements begin with this, and have hashes that collide; see `colliding`. */
  readonly prefix?: Uint8Array;
  /** Whether each family rather uses keys of its own, so that not most of what it meets is of another type. */
  readonly isShared?: boolean;
}

const fixed = (length: number, seed: number) => label(pattern(length, seed), `pattern(${length}, ${seed})`);
const odd = (...items: number[]) => label(Uint8Array.from(items), `Uint8Array.of(${items.join(", ")})`);

const LONG_A = fixed(600, 1);
/** Differs from the other one in its last byte. */
const LONG_B = label(LONG_A.with(599, 0), "pattern(600, 1).with(599, 0)");
const ODD: readonly Value[] = [
  "",
  odd(0),
  odd(255, 0, 13, 10),
  odd(0xc3, 0x28),
  "é🪙",
  "a b\r\n",
  fixed(60, 3),
  fixed(64, 4),
  LONG_A,
  LONG_B,
  fixed(1025, 5),
  fixed(20_000, 6),
];
const NUMBERS: readonly Value[] = [
  ..."0 1 -1 10 007 -0 +5 1.5 9223372036854775807 -9223372036854775808 9223372036854775808 99999999999999999999 abc - 0x10"
    .split(" "),
  " 1",
  "1 ",
];
/** What fields that are added floats to hold: what is exact as a double as well as with 80 bits. */
const FLOATS: readonly Value[] = [
  ..."0 1.5 -2.25 10 3.0e3 1e5 -0.5 .5 5. +5 abc 1.2.3 1e --1 007".split(" "),
  "",
  " 1",
  "1 ",
];

const INDEXES = [0, 0, -1, -1, 1, -2, 2, -3, 3, 5, -5, 10, -10, 30, -30, 100, -100, 1000, -1000];
/** Lengths around those where a length takes another form, or an element another place. */
const LENGTHS = [7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 129, 254, 255, 256, 257, 479, 480, 481, 511, 512, 1023]
  .concat([1024, 2000, 2047, 2048, 4095, 4096, 4097, 8191, 8192, 16_351, 16_352, 16_353, 16_384]);
/** Around the limits of 32 bits, where a position that loses its upper half would become a small one. */
const HUGE = [2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), -(2 ** 32) - 1]
  .concat(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
const COUNTS = [0, 1, 1, 1, 2, 2, 3, 5, 10, 100];
const SCORES = [0, -0, 1, 1, 2, 2, 3, 5, -1, -2, 0.5, 0.25, -0.75, 1.125, 10, 100, 1000, -1000, 65_536, 1e6, Infinity];
const SIGNED_SCORES = [...SCORES, -Infinity, 1.7e308, -1.7e308, 5e-324, 1e-10, 0.1, 1 / 3, 2 ** 53, -(2 ** 60), 1e21];
const TTL_STEP_MS = 1_000_000;

/** So many families share the keys. */
export const HOMES = 5;

/** Draws arguments. */
export class Draw {
  readonly pool: Pool;
  readonly random: Random;
  readonly #collider: ((number: number) => Uint8Array) | null;
  readonly #sized = new Map<string, Value>();
  #ttls = 0;
  /** Which of the keys the command drawn now should rather have, so that most of them hold what it works on. */
  home: number | null = null;

  constructor(random: Random, pool: Pool) {
    this.random = random;
    this.pool = pool;
    this.#collider = pool.prefix === undefined ? null : colliding(pool.prefix);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.random.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return this.random.pick(items);
  }

  key(): Key {
    const { keys } = this.pool;
    if (this.home === null || this.once(4)) return this.pick(keys);
    return keys[(this.home + HOMES * this.below(keys.length)) % keys.length];
  }

  keys(most: number): Key[] {
    return this.some(most, () => this.key());
  }

  /** Keys among which content may be moved. */
  group(): readonly Key[] {
    const { keys, signed, lex } = this.pool;
    const at = this.below(keys.length + signed.length + lex.length);
    return at < keys.length ? keys : at < keys.length + signed.length ? signed : lex;
  }

  /** One to `most` of what `make` gives. */
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }

  /** An element of a list, a member, or a field. Those whose names begin with f are added floats to. */
  element(): Value {
    if (this.once(20)) return this.pick(ODD);
    if (this.once(40)) return this.#ofLength(this.pick(LENGTHS));
    const number = this.below(this.pool.elements);
    if (this.#collider !== null) return label(this.#collider(number), `collider(${number})`);
    const short = `${this.pick(["m", "m", "m", "f"])}${number}`;
    const name = this.pool.stretch === undefined ? short : short + ".".repeat(number * 37 % this.pool.stretch);
    return this.once(3) ? bytes(name) : name;
  }

  #ofLength(length: number): Value {
    const seed = this.below(2);
    const known = this.#sized.get(`${length} ${seed}`);
    const value = known ?? fixed(length, seed);
    if (known === undefined) this.#sized.set(`${length} ${seed}`, value);
    return value;
  }

  elements(): Value[] {
    return this.some(this.once(4) ? this.pool.batch : Math.min(3, this.pool.batch), () => this.element());
  }

  /** A value of a key or of a field. */
  value(field: Value = ""): Value {
    if (isFloat(field)) return this.pick(FLOATS);
    if (this.once(150)) return this.pick(BIG);
    return this.once(3) ? this.pick(NUMBERS) : this.element();
  }

  field(isFloatField: boolean): Value {
    for (let i = 0; i < 20; i++) {
      const field = this.element();
      if (isFloat(field) === isFloatField) return field;
    }
    return isFloatField ? "f" : "m";
  }

  /** A position, within or outside. */
  index(): number {
    if (this.once(20)) return this.pick(HUGE);
    if (this.pool.elements < 100 || this.once(3)) return this.pick(INDEXES);
    return this.below(2 * this.pool.elements) - this.pool.elements;
  }

  /** Two positions; where there is much, mostly so close that little lies between. */
  range(): [number, number] {
    const start = this.index();
    if (this.pool.elements < 100 || this.once(20)) return [start, this.index()];
    return [start, start + this.below(30) - 2];
  }

  count(): number {
    return this.once(this.pool.elements < 100 ? 100 : 1000)
      ? this.pick([2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])
      : this.pick(COUNTS);
  }

  score(isSigned: boolean): number {
    if (this.pool.elements >= 100 && !this.once(4)) return this.below(4 * this.pool.elements) / 4;
    return this.pick(isSigned ? SIGNED_SCORES : SCORES);
  }

  scoreRange(isSigned: boolean): [ScoreBound, ScoreBound] {
    const low = this.once(6) ? -Infinity : this.score(isSigned);
    const isNarrow = this.pool.elements >= 100 && Number.isFinite(low) && !this.once(20);
    const high = isNarrow ? low + this.below(20) : this.once(6) ? Infinity : this.score(isSigned);
    return [this.bound(low), this.bound(high)];
  }

  bound(score: number): ScoreBound {
    return this.once(4) ? { exclusive: score } : score;
  }

  lexRange(): [LexBound, LexBound] {
    return [this.lexBound(), this.lexBound()];
  }

  lexBound(): LexBound {
    if (this.once(5)) return null;
    const value = this.once(6) ? this.pick(["", "m", "f", "n", "m1", "m10"]) : this.element();
    return this.once(3) ? { exclusive: value } : value;
  }

  /** A time far off, and so far from all others that it does not matter when exactly it was set. */
  ttl(): number {
    return (1 + (this.#ttls++ * 7919) % 10_007) * TTL_STEP_MS;
  }
}

/** Longer than a key or a field may be. */
const BIG: readonly Value[] = [
  fixed(65_535, 7),
  fixed(65_536, 7),
  fixed(65_537, 7),
  fixed(70_000, 7),
  fixed(131_100, 8),
];

function isFloat(field: Value): boolean {
  return typeof field === "string" ? field.startsWith("f") : field[0] === 0x66;
}

export function scoreBound(bound: ScoreBound): Argument {
  return typeof bound === "number" ? bound : `(${bound.exclusive}`.replace("Infinity", "inf");
}

/** `null` is the lower end for a lower bound, and the upper end for an upper one. */
export function lexBound(bound: LexBound, none: "-" | "+"): Argument {
  if (bound === null) return none;
  const isPlain = typeof bound === "string" || bound instanceof Uint8Array;
  const value = isPlain ? bound : bound.exclusive;
  return Buffer.concat([bytes(isPlain ? "[" : "("), typeof value === "string" ? bytes(value) : value]);
}
