import type { Key } from "@ferrite/storage";
import { pattern } from "../support/bytes.ts";
import type { Random } from "../support/random.ts";
import type { Command } from "./command.ts";
import { size } from "./commands/keys.ts";
import { transaction } from "./commands/transactions.ts";
import { content } from "./content.ts";
import { Draw, type Pool } from "./draw.ts";
import { expiring } from "./expiry.ts";
import { drawn, EVEN, type Family, type Profile, type Shares, take } from "./families.ts";
import type { Maintenance, Step } from "./run.ts";
import { label } from "./show.ts";

/** A sequence of commands that is a test of its own. */
export interface Phase {
  readonly name: string;
  /** What part of all commands it takes. */
  readonly share: number;
  readonly maxSize: `${number}MB`;
  /** Only for stores that have transactions. */
  readonly transacts?: boolean;
  /** Runs that each begin with nothing. */
  readonly runs: (random: Random, commands: number) => Iterable<Step[]>;
}

const MAX_SIZE = "256MB";
/** So small that what dead records leave has to be used again. */
const SMALL_SIZE = "8MB";
/** After so many commands all content is compared, so that what went wrong is found near to where it did. */
const CONTENT_EVERY = 1000;

const ALL: Shares = { strings: 2, keys: 4, lists: 5, hashes: 5, sets: 5, "sorted sets": 6, lex: 1 };
const GROW: Profile = { add: 5, remove: 0.3, read: 1, whole: 0.04, wipe: 0.005 };
const HOLD: Profile = { add: 1, remove: 1, read: 3, whole: 0.04, wipe: 0.005 };
const SHRINK: Profile = { add: 0.2, remove: 8, read: 1, whole: 0.04, wipe: 0.03 };
/** Parts of a cycle. */
const CYCLE = [[GROW, 0.35], [HOLD, 0.3], [SHRINK, 0.2], [GROW, 0.15]] as const;

const ODD_KEYS: readonly Key[] = ["", label(Uint8Array.of(0, 255, 10), "Uint8Array.of(0, 255, 10)"), "k".repeat(300)];

function named(prefix: string, count: number): Key[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function few(keys: number): Pool {
  return {
    keys: [...named("k", keys), ...ODD_KEYS],
    signed: named("n", 4),
    lex: named("lex", 4),
    elements: 20,
    batch: 12,
  };
}

/** Ten keys, two for each type. */
function shared(): Pool {
  return { ...few(7), isShared: true };
}

function keysOf({ keys, signed, lex }: Pool): Key[] {
  return [...keys, ...signed, ...lex];
}

interface Variant {
  readonly pool?: Pool;
  readonly maxSize?: Phase["maxSize"];
  /** What is done before each comparison of all content. */
  readonly maintain?: Maintenance["maintain"];
}

function mix(name: string, share: number, shares: Shares, variant: Variant = {}): Phase {
  const { pool = few(5), maxSize = MAX_SIZE, maintain } = variant;
  return {
    name,
    share,
    maxSize,
    runs: function* (random, commands) {
      const draw = new Draw(random, pool);
      const source = drawn(draw, shares);
      const steps: Step[] = [];
      for (let left = commands; left > 0; left -= CONTENT_EVERY) {
        steps.push(...take(source, Math.min(left, CONTENT_EVERY)));
        if (maintain !== undefined) steps.push({ maintain });
        steps.push(...content(keysOf(pool)), size());
      }
      yield steps;
    },
  };
}

interface Growth {
  /** So many in a run. */
  readonly commands: number;
  /** How many different elements there are. */
  readonly elements: number;
  readonly batch: number;
  readonly cycles: number;
  readonly stretch?: number;
  readonly prefix?: Uint8Array;
  readonly maxSize: Phase["maxSize"];
  /** What is done after each part of a cycle. */
  readonly maintain?: Maintenance["maintain"];
  /** In transactions, of which some are rolled back. */
  readonly transacts?: boolean;
}

/** Trees of several levels. */
const LARGE: Growth = { commands: 6600, elements: 5000, batch: 150, cycles: 1, maxSize: "16MB" };
/** Trees that often get a level, or lose one. */
const MIDDLE: Growth = { commands: 4400, elements: 250, batch: 40, cycles: 8, maxSize: MAX_SIZE, maintain: "compact" };
/** Few elements to a node. */
const LONG: Growth = {
  commands: 3300,
  elements: 2500,
  batch: 80,
  cycles: 1,
  stretch: 480,
  maxSize: "16MB",
  maintain: "checkpoint and restore",
};
/** Fields that only their bytes tell apart. */
const COLLIDING: Growth = {
  commands: 2200,
  elements: 1500,
  batch: 60,
  cycles: 1,
  prefix: new Uint8Array(0),
  maxSize: SMALL_SIZE,
};
/** Members that begin with the same bytes, more than a node has room for. */
const ALIKE: Growth = { commands: 2200, elements: 700, batch: 40, cycles: 1, prefix: pattern(512, 9), maxSize: "16MB" };
/** What nodes are split and joined in is undone again. */
const ROLLED_BACK: Growth = {
  commands: 3300,
  elements: 400,
  batch: 20,
  cycles: 3,
  stretch: 300,
  maxSize: "16MB",
  transacts: true,
};
/** The same while checkpoints are written. */
const COPIED: Growth = { ...ROLLED_BACK, transacts: false, maintain: "checkpoint meanwhile" };
/** So many that are too long for nodes. */
const LONGER: Growth = { commands: 2200, elements: 600, batch: 30, cycles: 2, stretch: 1500, maxSize: SMALL_SIZE };

/** Lets a few collections grow, keeps them there for a while, and empties them again. */
function growth(
  size: string,
  family: Family,
  share: number,
  { cycles, maxSize, maintain, transacts = false, commands: most, ...sizes }: Growth,
): Phase {
  return {
    name: `${size} ${family}`,
    share,
    maxSize,
    transacts,
    runs: function* (random, commands) {
      const pool: Pool = { keys: named("k", 2), signed: named("n", 2), lex: named("lex", 2), ...sizes };
      for (let left = commands; left > 0; left -= most) {
        const draw = new Draw(random, pool);
        const steps: Step[] = [];
        for (let cycle = 0; cycle < cycles; cycle++) {
          for (const [profile, part] of CYCLE) {
            const source = drawn(draw, { [family]: 60, keys: 1 }, profile);
            const count = Math.floor(Math.min(left, most) * part / cycles);
            const drawnNow = transacts ? inTransactions(draw, source, count) : take(source, count);
            steps.push(...(maintain === "checkpoint meanwhile" ? duringCheckpoints(drawnNow) : drawnNow));
            if (maintain !== undefined) steps.push({ maintain });
            steps.push(...content(keysOf(pool)));
          }
        }
        yield steps;
      }
    },
  };
}

/** So many keys that the index grows. */
function many(share: number): Phase {
  return {
    name: "many keys",
    share,
    maxSize: MAX_SIZE,
    runs: function* (random, commands) {
      const pool = { ...few(0), keys: named("k", 3000) };
      const steps = take(drawn(new Draw(random, pool), { strings: 5, keys: 3, sets: 1, hashes: 1 }), commands);
      yield [...steps, ...content(keysOf(pool)), size()];
    },
  };
}

/** Collections that come and go as a whole, so that what they leave is used again. */
function dropped(share: number): Phase {
  return {
    name: "dropped",
    share,
    maxSize: SMALL_SIZE,
    runs: function* (random, commands) {
      const pool: Pool = { ...shared(), elements: 2000, batch: 300 };
      const draw = new Draw(random, pool);
      const source = drawn(draw, ALL, { add: 3, remove: 0.5, read: 0.5, whole: 0.1, wipe: 1.5 });
      const steps: Step[] = [];
      for (let left = commands; left > 0; left -= CONTENT_EVERY) {
        steps.push(...take(source, Math.min(left, CONTENT_EVERY)), ...expiring(draw, 10), ...content(keysOf(pool)));
      }
      yield steps;
    },
  };
}

/** Begins checkpoints, and goes on in small portions, between which they are written. */
function duringCheckpoints(commands: readonly Step[]): Step[] {
  const [PORTION, PORTIONS] = [10, 10];
  return commands.flatMap((command, i): Step[] => {
    if (i % PORTION > 0) return [command];
    const pause: Step = { pauseMs: 0, withinMs: Infinity };
    return i % (PORTION * PORTIONS) === 0 ? [{ maintain: "checkpoint meanwhile" }, command] : [pause, command];
  });
}

/** Commands while checkpoints are written. */
function checkpointed(share: number): Phase {
  return {
    name: "checkpointed",
    share,
    maxSize: "16MB",
    runs: function* (random, commands) {
      const pool: Pool = { ...shared(), elements: 200, batch: 40, stretch: 480 };
      const draw = new Draw(random, pool);
      const source = drawn(draw, ALL, { ...EVEN, add: 2, wipe: 0.3 });
      const steps = [...take(source, 500), ...duringCheckpoints(take(source, commands))];
      yield [...steps, ...content(keysOf(pool)), size()];
    },
  };
}

/** So many commands in transactions, and all content now and then. */
function inTransactions(draw: Draw, source: Generator<Command, never>, commands: number): Step[] {
  const [MOST, CONTENT_ONCE_IN] = [8, 40];
  const steps: Step[] = [];
  for (let left = commands; left > 0;) {
    const inner = take(source, 1 + draw.below(MOST)).filter(({ isComposed }) => isComposed !== true);
    left -= inner.length;
    steps.push({ ...transaction(draw, inner), family: "transactions" });
    if (draw.once(CONTENT_ONCE_IN)) steps.push(...content(keysOf(draw.pool)));
  }
  return steps;
}

/** Several commands at once, or none of them. */
function transactions(name: string, share: number, pool: Pool): Phase {
  return {
    name,
    share,
    maxSize: MAX_SIZE,
    transacts: true,
    runs: function* (random, commands) {
      const draw = new Draw(random, pool);
      yield [...inTransactions(draw, drawn(draw, ALL), commands), ...content(keysOf(pool)), size()];
    },
  };
}

/** Everything meets what has expired. */
function expiry(share: number): Phase {
  const COMMANDS = 250;
  return {
    name: "expiry",
    share,
    maxSize: MAX_SIZE,
    runs: function* (random, commands) {
      const pool = shared();
      for (let left = commands; left > 0; left -= COMMANDS) {
        const draw = new Draw(random, pool);
        yield [
          ...take(drawn(draw, ALL), 120),
          ...expiring(draw, 30),
          ...take(drawn(draw, ALL), 100),
          ...content(keysOf(pool)),
        ];
      }
    },
  };
}

export const PHASES: readonly Phase[] = [
  mix("strings", 0.08, { strings: 8, keys: 3, lists: 0.2 }),
  mix("lists", 0.1, { lists: 12, keys: 1, strings: 0.1 }),
  mix("hashes", 0.1, { hashes: 12, floats: 1, keys: 1, strings: 0.1 }),
  mix("sets", 0.1, { sets: 12, keys: 1, strings: 0.1 }),
  mix("sorted sets", 0.13, { "sorted sets": 12, lex: 3, keys: 1, sets: 0.5 }),
  mix("all types", 0.1, ALL, { pool: shared() }),
  mix("compacted", 0.05, ALL, { pool: shared(), maxSize: SMALL_SIZE, maintain: "compact" }),
  mix("restored", 0.05, ALL, { pool: shared(), maintain: "checkpoint and restore" }),
  growth("middle", "lists", 0.02, MIDDLE),
  growth("middle", "hashes", 0.02, MIDDLE),
  growth("middle", "sets", 0.02, MIDDLE),
  growth("middle", "sorted sets", 0.03, MIDDLE),
  growth("large", "lists", 0.03, LARGE),
  growth("large", "hashes", 0.03, LARGE),
  growth("large", "sets", 0.03, LARGE),
  growth("large", "sorted sets", 0.04, LARGE),
  growth("large", "lex", 0.02, LARGE),
  growth("long", "lists", 0.015, LONG),
  growth("long", "hashes", 0.015, LONG),
  growth("long", "sets", 0.015, LONG),
  growth("long", "sorted sets", 0.015, LONG),
  growth("longer", "lists", 0.01, LONGER),
  growth("longer", "hashes", 0.01, LONGER),
  growth("longer", "sets", 0.01, LONGER),
  growth("longer", "sorted sets", 0.01, LONGER),
  growth("colliding", "hashes", 0.01, COLLIDING),
  growth("colliding", "sets", 0.01, COLLIDING),
  growth("alike", "hashes", 0.01, ALIKE),
  growth("alike", "sets", 0.01, ALIKE),
  growth("alike", "sorted sets", 0.01, ALIKE),
  growth("alike", "lex", 0.01, ALIKE),
  growth("rolled back", "lists", 0.015, ROLLED_BACK),
  growth("rolled back", "hashes", 0.015, ROLLED_BACK),
  growth("rolled back", "sets", 0.015, ROLLED_BACK),
  growth("rolled back", "sorted sets", 0.015, ROLLED_BACK),
  growth("copied", "lists", 0.015, COPIED),
  growth("copied", "hashes", 0.015, COPIED),
  growth("copied", "sets", 0.015, COPIED),
  growth("copied", "sorted sets", 0.015, COPIED),
  many(0.04),
  expiry(0.03),
  dropped(0.03),
  checkpointed(0.03),
  transactions("transactions", 0.04, shared()),
  transactions("large transactions", 0.03, { ...shared(), elements: 250, batch: 60, stretch: 100 }),
];
