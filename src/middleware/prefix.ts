import { toBytes } from "../arguments.ts";
import { MAX_KEY_BYTES } from "../core/layout.ts";
import type { Bytes, Key, KeysOptions } from "../engine.ts";
import { describe, StorageError } from "../errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** The bytes that mean something else in a glob: `*?[]\`. */
const SPECIAL = new Set(toBytes("*?[]\\"));
const BACKSLASH = 0x5c;

/** What goes before all keys of a namespace. */
export class Prefix {
  readonly #bytes: Uint8Array;
  /** `null` where it is not text. */
  readonly #text: string | null;
  readonly #glob: Uint8Array;

  constructor(prefix: Key) {
    if (typeof prefix !== "string" && !(prefix instanceof Uint8Array)) {
      throw new StorageError("CONFIG", `Cannot use namespace: its prefix must be a key, received ${describe(prefix)}`);
    }
    this.#bytes = toBytes(prefix).slice();
    const { length } = this.#bytes;
    const most = Math.floor(MAX_KEY_BYTES / 2);
    if (length === 0 || length > most) {
      throw new StorageError(
        "CONFIG",
        `Cannot use namespace: its prefix must have 1 to ${most} bytes, and has ${length}`,
      );
    }
    // Not the string itself: where that ends with half a character, the first one of a key might be the other half.
    this.#text = textOf(this.#bytes);
    this.#glob = Uint8Array.from([...this.#bytes].flatMap((byte) => SPECIAL.has(byte) ? [BACKSLASH, byte] : [byte]));
  }

  /** A key as the store has it. What is no key is left for the store to refuse. */
  add(key: unknown): unknown {
    if (typeof key === "string") {
      this.#checkLength(key.length * 3, key);
      return this.#text === null ? concat(this.#bytes, toBytes(key)) : this.#text + key;
    }
    if (!(key instanceof Uint8Array)) return key;
    this.#checkLength(key.length, key);
    return concat(this.#bytes, key);
  }

  /** A key of the store as the namespace has it. */
  remove(key: Bytes): Bytes {
    return key.subarray(this.#bytes.length);
  }

  /** The options of a scan over the namespace. What makes no sense is left for the store to refuse. */
  within(options: unknown): unknown {
    if (options !== undefined && (typeof options !== "object" || options === null)) return options;
    const { match = "*" } = (options ?? {}) as KeysOptions;
    if (typeof match !== "string" && !((match as unknown) instanceof Uint8Array)) return options;
    return { ...options, match: concat(this.#glob, toBytes(match)) };
  }

  #checkLength(longest: number, key: Key): void {
    const prefix = this.#bytes.length;
    const limit = MAX_KEY_BYTES - prefix;
    if (longest <= limit) return;
    const { length } = toBytes(key);
    if (length <= limit) return;
    throw new StorageError(
      "TOO_LARGE",
      `Cannot use key: it has ${length} bytes, and ${limit} are the limit in a namespace with a prefix of ${prefix}`,
    );
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
