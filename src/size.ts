/** A number of bytes, or one with a unit: `"256MB"`, `"1.5 GiB"`. Units are powers of 1024, as in Redis. */
export type Size = number | string;

const UNITS: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** The bytes that a size stands for, or `null` for what is not a size. */
export function parseSize(size: Size): number | null {
  if (typeof size !== "number" && typeof size !== "string") return null;
  if (typeof size === "number") return Number.isSafeInteger(size) && size >= 0 ? size : null;
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(size);
  if (parts === null) return null;
  const bytes = Math.floor(Number(parts[1]) * UNITS[parts[2].toLowerCase()]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A number of bytes for people: `"1.5 GB"`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = bytes;
  while (Math.abs(amount) >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${units[unit]}`;
}
