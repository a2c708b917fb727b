const TEXT = new TextEncoder();

/** Names of one kind, a prefix with the digits of a number behind it, all of one length: "member:000123". */
export class Names {
  readonly bytes: number;
  readonly #digits: number;
  readonly #codes: number[];

  constructor(prefix: string, digits: number) {
    this.#codes = [...TEXT.encode(prefix + "0".repeat(digits))];
    this.#digits = digits;
    this.bytes = this.#codes.length;
  }

  /** A name as a flat string nobody has seen yet; see `freshKey`. */
  fresh(index: number): string {
    this.put(this.#codes, index);
    return String.fromCharCode.apply(null, this.#codes);
  }

  freshAll(order: Uint32Array): string[] {
    const names: string[] = new Array(order.length);
    for (let i = 0; i < order.length; i++) names[i] = this.fresh(order[i]);
    return names;
  }

  /** A buffer for `put`. */
  buffer(): Uint8Array {
    return Uint8Array.from(this.#codes);
  }

  /** Writes the digits of a name over those in `name`, for loops that must not make garbage. */
  put(name: Uint8Array | number[], index: number): void {
    let rest = index;
    for (let at = this.bytes - 1; at >= this.bytes - this.#digits; at--) {
      const tens = Math.floor(rest / 10);
      name[at] = 48 + rest - tens * 10;
      rest = tens;
    }
  }
}
