import type { Capabilities, StorageEngine, ValueType } from "../engine.ts";
import { type AssertFails, assertFailsSaying, assertFailsWith } from "./assert.ts";
import type { CollectionStore, Face, SyncCollectionStore } from "./face.ts";
import { type Collection, COLLECTIONS, type Kind, STRING } from "./kinds.ts";

/** `test` of a runner: `Deno.test`, that of `bun:test`, of `node:test`, or of any that takes a name and a function. */
export type Test = (name: string, run: () => void | Promise<void>) => void;

/** What {@linkcode conformance} is told. */
export interface ConformanceOptions {
  /** Takes each test. Of a runner that soon gives up on one: `(name, run) => test(name, run, 60_000)` or the like. */
  readonly test: Test;
  /** What the names of the tests begin with. */
  readonly name: string;
  /** Opens a new store, with nothing in it. Each test opens one of its own, and closes it. */
  readonly open: () => StorageEngine | Promise<StorageEngine>;
  /** What the store must be able to do, all of which is tested. A store that says something else of itself fails. */
  readonly capabilities: Capabilities;
  /**
   * The share of keys and steps that long tests take, more than 0: 1, which is all, if not given; less where each is a
   * request.
   */
  readonly effort?: number;
  /** How many bytes a key may have; 65,535, as in all stores, if not given. Less in wrappers that add to keys. */
  readonly longestKey?: number;
  /**
   * Whether errors must also say what this package's own stores say: "Cannot …", and what was wrong. For stores over
   * these, which should hand errors on as they are; false if not given, as a code is all that programs may rely on.
   */
  readonly checksMessages?: boolean;
}

/** Makes a test of what a new store does, if it can do that. */
export interface Check {
  (what: string, run: (store: Face) => Promise<void>, needs?: keyof Capabilities): void;
  readonly capabilities: Capabilities;
  /** How many bytes a key may have. */
  readonly longestKey: number;
  /** The types of value that the store has. */
  readonly kinds: readonly Kind[];
  /** Those of them that have elements. */
  readonly collections: readonly Collection[];
  /** Their names. */
  readonly types: ReadonlySet<ValueType>;
  /** How many of `count` a long test takes. */
  some(count: number): number;
  /** A call must fail with a code and, where messages count, with words. */
  readonly assertFails: AssertFails;
}

/** What tests are made with: of the store itself, or of its `sync`. */
export function checksOf(options: ConformanceOptions, face: "store" | "sync"): Check {
  const { test, name, open, capabilities, effort = 1, longestKey = 65_535, checksMessages = false } = options;
  const nameOfFace = face === "store" ? name : `${name}.sync`;
  const collections = COLLECTIONS.filter(({ capability }) => capabilities[capability]);
  const kinds = [STRING, ...collections];
  return Object.assign((what: string, run: (store: Face) => Promise<void>, needs?: keyof Capabilities) => {
    if (needs !== undefined && !capabilities[needs]) return;
    test(`${nameOfFace}: ${what}`, async () => {
      await using store = await open() as CollectionStore;
      await run(face === "store" ? store : store.sync as SyncCollectionStore);
    });
  }, {
    capabilities,
    longestKey,
    kinds,
    collections,
    types: new Set(kinds.map(({ type }) => type)),
    some: (count: number) => Math.ceil(count * effort),
    assertFails: checksMessages ? assertFailsSaying : assertFailsWith,
  });
}
