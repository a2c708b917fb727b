import {
  type CollectionOps,
  type Key,
  type StorageEngine,
  StorageError,
  type StorageErrorCode,
  type SyncCollectionOps,
  type SyncStorageEngine,
} from "@ferrite/storage";
import { codeOf } from "./errors.ts";
import { type Argument, type Form, type Plain, type Reply, same } from "./reply.ts";
import { show } from "./show.ts";

/** The face that answers at once; the awaited one has the same methods. */
export type Operations = SyncStorageEngine & SyncCollectionOps;
/** Either face. */
export type Face = (StorageEngine & CollectionOps) | Operations;
type Method = keyof Operations;

/** What the store did: it answered, or it failed with a code. */
export type Outcome =
  | { readonly code: null; readonly answer: unknown }
  | { readonly code: StorageErrorCode; readonly message: string };

/** Where the two are not the same. */
export interface Difference {
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** One operation on both sides. */
export interface Command {
  /** The method of the store. */
  readonly name: string;
  /** For the summary. */
  readonly family?: string;
  /** It is several calls, one after another. */
  readonly isComposed?: boolean;
  /** For the history of a key. */
  readonly keys: readonly string[];
  /** Asks the store. */
  readonly call: (face: Face) => unknown;
  /** What to ask Redis, which comes second so that it may depend on the outcome; `null` is asked for without a store. */
  readonly asks: (outcome: Outcome | null) => readonly (readonly Argument[])[];
  /** What differs, or `null`. */
  readonly judge: (outcome: Outcome, replies: readonly Reply[]) => Difference | null;
  /** The call as one would write it. */
  readonly toString: () => string;
}

/** What is special about a command. */
export interface Traits {
  /** All keys, where they are more than the first argument. */
  readonly keys?: readonly Key[];
  /** An argument is out of range as well: which of several errors comes first is not said anywhere. */
  readonly isWrong?: boolean;
  /** Where the store is documented to fail and Redis does not: what to ask in place of the command. */
  readonly instead?: Partial<Record<StorageErrorCode, Check>>;
}

/** Questions to Redis, and what their replies must be. */
export interface Check {
  readonly asks: readonly (readonly Argument[])[];
  readonly holds: (replies: readonly Reply[]) => boolean;
}

/** A command that has a counterpart in Redis. */
export function command<M extends Method>(
  name: M,
  args: Parameters<Operations[M]>,
  redis: readonly Argument[],
  form: Form,
  traits: Traits = {},
): Command {
  const insteadOf = (outcome: Outcome | null): Check | undefined =>
    outcome === null || outcome.code === null ? undefined : traits.instead?.[outcome.code];
  return {
    name,
    keys: keysOf(args, traits),
    call: (face) => invoke(face, name, args),
    asks: (outcome) => insteadOf(outcome)?.asks ?? [redis],
    judge: (outcome, replies) => {
      const check = insteadOf(outcome);
      if (check !== undefined) return check.holds(replies) ? null : { ours: outcome, theirs: replies };
      return compareReply(outcome, replies[0], form, traits.isWrong ?? false);
    },
    toString: () => `${name}(${args.map(show).join(", ")})`,
  };
}

/** A command whose answer is one of many: Redis gets questions that tell whether it is one of them. */
export function checked<M extends Method>(
  name: M,
  args: Parameters<Operations[M]>,
  redis: readonly Argument[],
  check: (answer: unknown) => Check,
): Command {
  return {
    name,
    keys: keysOf(args, {}),
    call: (face) => invoke(face, name, args),
    asks: (outcome) => outcome?.code === null ? check(outcome.answer).asks : [redis],
    judge: (outcome, replies) => {
      if (outcome.code !== null) return compareReply(outcome, replies[0], NEVER, false);
      const isError = replies.some((reply) => reply instanceof Error);
      return !isError && check(outcome.answer).holds(replies) ? null : { ours: outcome.answer, theirs: replies };
    },
    toString: () => `${name}(${args.map(show).join(", ")})`,
  };
}

/** A command of several calls, with one answer that has a counterpart in Redis. */
export function composed(
  name: string,
  args: readonly unknown[],
  call: (face: Face) => Promise<unknown>,
  redis: readonly Argument[],
  form: Form,
  keys: readonly Key[],
): Command {
  return {
    name,
    isComposed: true,
    keys: keys.map(show),
    call,
    asks: () => [redis],
    judge: (outcome, replies) => compareReply(outcome, replies[0], form, false),
    toString: () => `${name}(${args.map(show).join(", ")})`,
  };
}

/** Runs a call that answers at once. What is not a failure of the store is thrown on. */
export function outcomeOf(call: () => unknown): Outcome {
  try {
    return { code: null, answer: call() };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { code: error.code, message: error.message };
  }
}

const NEVER: Form = { ours: () => null, theirs: () => "no error" };

function keysOf(args: readonly unknown[], { keys }: Traits): string[] {
  return (keys ?? (Array.isArray(args[0]) ? args[0] : [args[0]])).map(show);
}

function invoke(face: Face, name: Method, args: readonly unknown[]): unknown {
  const methods = face as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  if (typeof methods[name] !== "function") throw new TypeError(`the store has no method ${name}`);
  return methods[name](...args);
}

/** What differs between what the store did and what Redis replied, in the form of the command. */
export function compareReply(outcome: Outcome, reply: Reply, form: Form, isWrong: boolean): Difference | null {
  if (outcome.code !== null) {
    const fits = reply instanceof Error && (outcome.code === codeOf(reply) || isWrong && codeOf(reply) !== null);
    return fits ? null : { ours: outcome, theirs: reply };
  }
  const meant = reply instanceof Error ? form.error?.(reply) : undefined;
  if (reply instanceof Error && meant === undefined) return { ours: outcome.answer, theirs: reply };
  const ours = attempt(() => form.ours(outcome.answer));
  const theirs = meant === undefined ? attempt(() => form.theirs(reply)) : { isOk: true, value: meant };
  if (ours.isOk && theirs.isOk && same(ours.value, theirs.value)) return null;
  return { ours: ours.value ?? outcome.answer, theirs: theirs.value ?? reply };
}

function attempt(read: () => Plain): { isOk: boolean; value: Plain } {
  try {
    return { isOk: true, value: read() };
  } catch (error) {
    return { isOk: false, value: String(error) };
  }
}
