/** An object of a bucket that is a fake. */
export interface Shelved {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly tag: string;
  readonly generation: number;
}

/** A part of a list. */
export interface ShelfPart {
  readonly entries: [string, Shelved][];
  readonly isTruncated: boolean;
}

const encoder = new TextEncoder();

/** The objects of a bucket, in the order of the bytes of their names in UTF-8. */
export class Shelf {
  readonly #objects = new Map<string, Shelved>();
  #order: string[] | null = null;
  #generations = 1_700_000_000_000;

  get(name: string): Shelved | undefined {
    return this.#objects.get(name);
  }

  put(name: string, body: Uint8Array, tag: string): Shelved {
    const object = { body: body.slice(), tag, generation: ++this.#generations };
    if (!this.#objects.has(name)) this.#order = null;
    this.#objects.set(name, object);
    return object;
  }

  delete(name: string): void {
    if (this.#objects.delete(name)) this.#order = null;
  }

  list(prefix: string, after: string, limit: number): ShelfPart {
    this.#order ??= [...this.#objects.keys()].sort(compareBytes);
    const order = this.#order;
    let low = 0;
    for (let high = order.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (compareBytes(order[middle], after) <= 0 || compareBytes(order[middle], prefix) < 0) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < order.length && end - low <= limit && order[end].startsWith(prefix)) end++;
    const names = order.slice(low, Math.min(end, low + limit));
    return { entries: names.map((name) => [name, this.#objects.get(name)!]), isTruncated: end - low > limit };
  }
}

function compareBytes(a: string, b: string): number {
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 ? x.length - y.length : x[at] - (y[at] ?? -1);
}
