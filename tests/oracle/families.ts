import type { Command } from "./command.ts";
import { FLOATS } from "./commands/floats.ts";
import { HASHES } from "./commands/hashes.ts";
import { KEYSPACE } from "./commands/keys.ts";
import { LEX } from "./commands/lex.ts";
import { LISTS } from "./commands/lists.ts";
import { HASH_SCANS, KEY_SCANS, SET_SCANS, SORTED_SET_SCANS } from "./commands/scans.ts";
import { SETS } from "./commands/sets.ts";
import { SORTED_SETS } from "./commands/sorted_sets.ts";
import { STRINGS } from "./commands/strings.ts";
import type { Entry, Kind, Table } from "./commands/table.ts";
import { type Draw, HOMES } from "./draw.ts";

// Those that share keys come first: their places say which of the keys they rather use.
const TABLES: Record<Family, Table> = {
  strings: STRINGS,
  lists: LISTS,
  hashes: [...HASHES, ...HASH_SCANS],
  sets: [...SETS, ...SET_SCANS],
  "sorted sets": [...SORTED_SETS, ...SORTED_SET_SCANS],
  keys: [...KEYSPACE, ...KEY_SCANS],
  floats: FLOATS,
  lex: LEX,
};
const FAMILIES = Object.keys(TABLES) as Family[];
const LOTS = 2000;

export type Family = "strings" | "lists" | "hashes" | "sets" | "sorted sets" | "keys" | "floats" | "lex";

/** Families, and how often each is drawn. */
export type Shares = Partial<Record<Family, number>>;

/** How often commands are drawn, by what they do. */
export type Profile = Readonly<Record<Kind, number>>;

export const EVEN: Profile = { add: 1, remove: 1, read: 1, whole: 1, wipe: 1 };

/** Draws commands without end. */
export function* drawn(draw: Draw, shares: Shares, profile: Profile = EVEN): Generator<Command, never> {
  const lot = lots(
    FAMILIES.map((family, place) => ({
      family,
      home: draw.pool.isShared === true && place < HOMES ? place : null,
      weight: shares[family] ?? 0,
      entries: lots(TABLES[family].map((entry): Entry => ({ ...entry, weight: entry.weight * profile[entry.kind] }))),
    })),
  );
  for (;;) {
    const { family, home, entries } = draw.pick(lot);
    draw.home = home;
    const command = draw.pick(entries).make(draw);
    draw.home = null;
    yield { ...command, family };
  }
}

/** The next ones, after which it can go on. */
export function take<T>(source: Generator<T, never>, count: number): T[] {
  return Array.from({ length: count }, () => source.next().value);
}

/** Each item as often as its weight says, so that one of them can be picked. */
function lots<T extends { readonly weight: number }>(items: readonly T[]): T[] {
  const sum = items.reduce((all, { weight }) => all + weight, 0);
  return items.flatMap((item) => new Array<T>(Math.ceil(LOTS * item.weight / sum)).fill(item));
}
