import type { Bytes } from "../../engine.ts";
import { describe } from "../../errors.ts";

/** How values of a type become bytes and come back. Both throw for what they cannot take. */
export interface Codec<T> {
  /** The bytes of a value; a string stands for its UTF-8. */
  encode(value: T): string | Uint8Array;
  /** The value of bytes. */
  decode(bytes: Bytes): T;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes are; throws where they are none. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export const TEXT: Codec<string> = {
  encode(value) {
    if (typeof value !== "string") throw new TypeError(`expected a string, received ${describe(value)}`);
    return value;
  },
  decode: decodeText,
};

export const JSON_CODEC: Codec<unknown> = {
  encode(value) {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`JSON has no form for ${describe(value)}`);
    return text;
  },
  decode: (bytes) => JSON.parse(decodeText(bytes)),
};
