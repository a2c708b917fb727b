import { brief, type Plain, plainResult } from "../models/plain.ts";
import { refusal } from "../models/judging.ts";

/** A call of a method of a store. */
export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What happens to a store as one: a call, or several in a transaction, which may throw at its end. */
export interface Deed {
  readonly calls: readonly Call[];
  readonly transaction: "none" | "ends" | "throws";
}

// deno-lint-ignore no-explicit-any
type Face = any;

class Rollback extends Error {}

/** Does a deed through either face of a store. Refused calls give what their refusal says. */
export async function performAsync(deed: Deed, face: Face): Promise<Plain> {
  if (deed.transaction === "none") {
    const [{ method, args }] = deed.calls;
    try {
      return plainResult(await face[method](...args));
    } catch (error) {
      return refused(error);
    }
  }
  let results: Plain = [];
  try {
    await face.transact((transaction: Face) => results = transacted(deed, transaction));
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    results = "rolled back";
  }
  return results;
}

export function performSync(deed: Deed, face: Face): Plain {
  if (deed.transaction === "none") return performCall(deed.calls[0], face);
  let results: Plain = [];
  try {
    face.transact((transaction: Face) => results = transacted(deed, transaction));
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    results = "rolled back";
  }
  return results;
}

function transacted(deed: Deed, transaction: Face): Plain {
  const results = deed.calls.map((call) => performCall(call, transaction));
  if (deed.transaction === "throws") throw new Rollback();
  return results;
}

function performCall({ method, args }: Call, face: Face): Plain {
  try {
    return plainResult(face[method](...args));
  } catch (error) {
    return refused(error);
  }
}

/** What the store may say to a call because of what it is given, or because of what a key holds. */
const REFUSALS = ["WRONG_TYPE", "NOT_INTEGER", "NOT_FLOAT", "OUT_OF_RANGE"].map((code) => `refused: ${code}`);

function refused(error: unknown): Plain {
  const result = refusal(error);
  if (REFUSALS.includes(result)) return result;
  throw error;
}

/** The keys that a deed may change; `null` for all. */
export function keysOf({ calls }: Deed): string[] | null {
  if (calls.some(({ method }) => method === "clear")) return null;
  return calls.flatMap(({ method, args }) => {
    if (method === "mset") return (args[0] as [string, unknown][]).map(([key]) => key);
    const isOfTwo = ["rename", "copy", "lmove", "smove"].includes(method);
    return (isOfTwo ? args.slice(0, 2) : args.slice(0, 1)) as string[];
  });
}

export function showDeed(deed: Deed): string {
  const calls = deed.calls.map(({ method, args }) => `${method}(${args.map(showArgument).join(", ")})`).join(", ");
  return deed.transaction === "none" ? calls : `transaction(${calls}; ${deed.transaction})`;
}

function showArgument(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${value.length}, ${value[0]})`;
  if (Array.isArray(value)) {
    return value.length > 3 ? `[${showArgument(value[0])}, … ${value.length}]` : `[${value.map(showArgument)}]`;
  }
  if (typeof value === "function") return "change";
  return typeof value === "object" ? JSON.stringify(value) : brief(value as Plain);
}
