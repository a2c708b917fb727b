import { Buffer } from "node:buffer";

/** Results and arguments as models have them: bytes are strings of one character a byte, which sort as bytes do. */
export type Plain = string | number | bigint | boolean | null | undefined | Plain[] | { [name: string]: Plain };

/** A test that takes the place of an answer which chance decides. */
export type Judge = (actual: Plain) => void;

/** What a model answers. */
export type Answer = Plain | Judge;

/** What a store gave. */
export function plainResult(value: unknown): Plain {
  return typeof value === "string" ? value : plain(value);
}

/** What a store was given, where a string stands for its UTF-8 bytes. */
export function plainArgument(value: unknown): Plain {
  return typeof value === "string" ? utf8(value) : plain(value, plainArgument);
}

function plain(value: unknown, each: (part: unknown) => Plain = plainResult): Plain {
  if (value instanceof Uint8Array) return latin1(value);
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== "object" || value === null) return value as Plain;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, each(part)]));
}

function latin1(bytes: Uint8Array): string {
  if (bytes.length < 32) return String.fromCharCode(...bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** The bytes that a model has as a string. */
export function bytesOf(plain: string): Uint8Array {
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function utf8(text: string): string {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString("latin1");
}

/** Where two results differ, in words; `null` when they do not. Zeros are equal whatever their sign. */
export function difference(actual: Plain, expected: Plain, place: string = "result"): string | null {
  if (actual === expected) return null;
  if (!Array.isArray(actual) || !Array.isArray(expected)) return `${place} is ${brief(actual)}, not ${brief(expected)}`;
  if (actual.length !== expected.length) return `${place} has ${actual.length} items, not ${expected.length}`;
  for (let i = 0; i < actual.length; i++) {
    const found = difference(actual[i], expected[i], `${place}[${i}]`);
    if (found !== null) return found;
  }
  return null;
}

/** Throws unless both are the same. */
export function assertSame(actual: Plain, expected: Plain): void {
  const found = difference(actual, expected);
  if (found !== null) throw new Error(found);
}

export function brief(value: Plain): string {
  const text = typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "an array" : String(value);
  return text.length < 80 ? text : `${text.slice(0, 40)}… (${text.length} characters)`;
}
