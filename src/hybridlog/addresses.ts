// Addresses of the log, in units of 8 bytes, modulo 2^40: what is older is what is further behind.

export const UNIT_BYTES = 8;
const ADDRESSES = 2 ** 40;
/** Bytes at the start of each page that no record lies in. */
export const PAGE_HEADER_BYTES = 8;

/** Bytes from `from` on to `to`. */
export function bytesBetween(from: number, to: number): number {
  return ((to - from + ADDRESSES) % ADDRESSES) * UNIT_BYTES;
}

/** Whether `a` is older than `b`. */
export function isOlder(a: number, b: number): boolean {
  return a !== b && (b - a + ADDRESSES) % ADDRESSES < ADDRESSES / 2;
}

export function newest(a: number, b: number): number {
  return isOlder(a, b) ? b : a;
}

export function advance(address: number, bytes: number): number {
  return (address + bytes / UNIT_BYTES) % ADDRESSES;
}

/** Where pages and segments of so many bytes lie. */
export class Grid {
  readonly bytes: number;
  readonly #units: number;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.#units = bytes / UNIT_BYTES;
  }

  numberOf(address: number): number {
    return Math.floor(address / this.#units);
  }

  /** Bytes from the start of the cell to `address`. */
  offsetOf(address: number): number {
    return (address % this.#units) * UNIT_BYTES;
  }

  startOf(address: number): number {
    return address - address % this.#units;
  }

  startOfNumber(number: number): number {
    return (number * this.#units) % ADDRESSES;
  }

  /** Where the next cell starts. */
  nextOf(address: number): number {
    return (this.startOf(address) + this.#units) % ADDRESSES;
  }
}

/** Where the first record of the page that starts at `start` lies. */
export function firstRecordOf(start: number): number {
  return (start + PAGE_HEADER_BYTES / UNIT_BYTES) % ADDRESSES;
}
