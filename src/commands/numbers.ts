// Sums of numbers in decimal, as INCRBYFLOAT stores them. They are exact where Redis has 80 bits, and a double would not do: a
// counter of 64 bits would lose its last digits.

/** Digits behind the point that are kept, as in Redis. */
const DIGITS = 17;
const PARTS = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/** The sum of two finite numbers in decimal, without an exponent. */
export function addDecimals(a: string, b: string): string {
  const [first, second] = [toDecimal(a), toDecimal(b)];
  const scale = Math.max(first.scale, second.scale);
  return toText(scaled(first, scale) + scaled(second, scale), scale);
}

/** A finite number as text without an exponent. */
export function decimalText(number: number): string {
  return addDecimals(String(number), "0");
}

/** `digits` / 10 ** `scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function toDecimal(text: string): Decimal {
  const [, sign, whole, fraction, exponent = "0"] = PARTS.exec(text)!;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { digits, scale: 0 }; // whatever the exponent, which may be anything then
  const scale = fraction.length - Number(exponent);
  const signed = sign === "-" ? -digits : digits;
  return scale < 0 ? { digits: signed * 10n ** BigInt(-scale), scale: 0 } : { digits: signed, scale };
}

function scaled({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}

function toText(sum: bigint, scale: number): string {
  const [digits, places] = scale > DIGITS ? [rounded(sum, 10n ** BigInt(scale - DIGITS)), DIGITS] : [sum, scale];
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  const point = text.length - places;
  const fraction = text.slice(point).replace(/0+$/, "");
  const number = fraction === "" ? text.slice(0, point) : `${text.slice(0, point)}.${fraction}`;
  return digits < 0n ? `-${number}` : number;
}

/** The nearest integer; halves go away from zero. */
function rounded(dividend: bigint, divisor: bigint): bigint {
  const half = dividend < 0n ? -divisor / 2n : divisor / 2n;
  return (dividend + half) / divisor;
}
