import type { Core } from "../core/core.ts";
import { bytesBetween, Grid } from "./addresses.ts";
import type { Segments } from "./segments.ts";

/**
 * A stretch of a page on disk that is being gone over, in a frame of its own. Pages on disk do not change, so it is good for whoever
 * comes next, until another stretch is read.
 */
export class Window {
  readonly #core: Core;
  readonly #segments: Segments;
  readonly #pages: Grid;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #start = -1;
  #length = 0;
  /** Whether the file ended there. */
  #isShort = false;

  constructor(core: Core, segments: Segments) {
    this.#core = core;
    this.#segments = segments;
    this.#pages = new Grid(core.frameBytes);
  }

  /** Whether it has `wanted` bytes from `address` on, or all up to the end of the page or the file. */
  covers(address: number, wanted: number): boolean {
    if (this.#start < 0 || this.#pages.startOf(address) !== this.#pages.startOf(this.#start)) return false;
    const offset = this.#pages.offsetOf(address) - this.#pages.offsetOf(this.#start);
    if (offset < 0 || offset > this.#length) return false;
    return this.#isShort || this.#length - offset >= Math.min(wanted, this.#room(address));
  }

  /** Reads `bytes` from `address` on, or what there is up to the end of the page. */
  read(address: number, bytes: number): void {
    const start = this.#core.calls.walkBench.value >>> 0;
    const length = Math.min(bytes, this.#room(address));
    this.#note(address, this.#segments.readAlong(address, this.#core.bytes.subarray(start, start + length)), length);
  }

  /** The same without blocking. */
  async load(address: number, bytes: number): Promise<void> {
    const length = Math.min(bytes, this.#room(address));
    if (this.#buffer === null || this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    const found = await this.#segments.read(address, this.#buffer.subarray(0, length));
    this.#core.bytes.set(this.#buffer.subarray(0, found), this.#core.calls.walkBench.value >>> 0);
    this.#note(address, found, length);
  }

  /** Has what is there read again. */
  forget(): void {
    this.#start = -1;
  }

  #note(address: number, found: number, wanted: number): void {
    this.#start = address;
    this.#length = found;
    this.#isShort = found < wanted;
  }

  /** Where `address`, which it covers, lies in the core's memory. */
  pointerOf(address: number): number {
    return (this.#core.calls.walkBench.value >>> 0) + bytesBetween(this.#start, address);
  }

  /** How many bytes it has from `address` on. */
  lengthFrom(address: number): number {
    return this.#length - bytesBetween(this.#start, address);
  }

  #room(address: number): number {
    return this.#pages.bytes - this.#pages.offsetOf(address);
  }
}
