// A key is 14 bytes: "key:" and ten digits.
//
//   0      4            14
//   | key: | 0000123456 |
export const KEY_BYTES = 14;

const POWERS = Array.from({ length: 10 }, (_, i) => 10 ** (9 - i));

/**
 * A key as a string nobody has seen yet. `fromCharCode` gives a flat one whose hash is not computed, as a string that
 * came off the network is; `"key:" + n` would be a rope in V8, which the first one to look at it pays to flatten.
 */
export function freshKey(index: number): string {
  return String.fromCharCode(
    107,
    101,
    121,
    58,
    digit(index, 0),
    digit(index, 1),
    digit(index, 2),
    digit(index, 3),
    digit(index, 4),
    digit(index, 5),
    digit(index, 6),
    digit(index, 7),
    digit(index, 8),
    digit(index, 9),
  );
}

/** Keys for the indices in `order`, all of them fresh. */
export function freshKeys(order: Uint32Array): string[] {
  const keys: string[] = new Array(order.length);
  for (let i = 0; i < order.length; i++) keys[i] = freshKey(order[i]);
  return keys;
}

/** Writes a key over `key`, for loops that must not make garbage. */
export function putKey(key: Uint8Array, index: number): void {
  let rest = index;
  for (let at = KEY_BYTES - 1; at >= 4; at--) {
    const tens = Math.floor(rest / 10);
    key[at] = 48 + rest - tens * 10;
    rest = tens;
  }
}

/** A buffer for `putKey`. */
export function keyBuffer(): Uint8Array {
  return new TextEncoder().encode(freshKey(0));
}

function digit(index: number, place: number): number {
  return 48 + Math.floor(index / POWERS[place]) % 10;
}
