const labels = new WeakMap<Uint8Array, string>();
const SHORT = 60;

/** Gives bytes a name to be shown by. */
export function label<T extends Uint8Array>(bytes: T, name: string): T {
  labels.set(bytes, name);
  return bytes;
}

/** An argument or an answer as one would write it in a test. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const name = labels.get(value);
    if (name !== undefined) return name;
    const isText = value.every((byte) => byte >= 0x20 && byte < 0x7f);
    if (isText) return `bytes(${show(String.fromCharCode(...value))})`;
    if (value.length > SHORT) return `${value.length} bytes [${value.slice(0, 8).join(", ")}, …]`;
    return `Uint8Array.of(${value.join(", ")})`;
  }
  if (value instanceof Error) return String(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, SHORT).map(show).join(", ");
    return value.length <= SHORT ? `[${items}]` : `[${items}, … ${value.length} in all]`;
  }
  if (typeof value === "string") {
    const [, head, tail] = /^(.{0,8}?)((.)\3{19,})$/.exec(value) ?? [];
    if (tail !== undefined) return `${head === "" ? "" : `"${head}" + `}"${tail[0]}".repeat(${tail.length})`;
    return JSON.stringify(value.length <= SHORT ? value : `${value.slice(0, SHORT)}… ${value.length} in all`);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value).map(([name, item]) => `${name}: ${show(item)}`).join(", ")} }`;
}
