// Records as they are stored: see docs/format.md.

import { FLAG_EXPIRES, HEADER_BYTES, LENGTH_MASK } from "../core/layout.ts";

/** How long the record at `at` is, header and padding included, if it is one. */
export function recordLength(records: Uint8Array, at: number): number {
  if (at + HEADER_BYTES > records.length) return Infinity;
  const view = new DataView(records.buffer, records.byteOffset + at);
  const expiryBytes = (view.getUint8(5) & FLAG_EXPIRES) === 0 ? 0 : 8;
  const valueAt = (HEADER_BYTES + expiryBytes + view.getUint16(6, true) + 3) & ~3;
  return (valueAt + (view.getUint32(8, true) & LENGTH_MASK) + 7) & ~7;
}
