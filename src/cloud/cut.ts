// What a key holds is cut into the object of the key and parts, which are objects of their own. An object that would become too long loses
// the largest branches to parts until it has only half as much; so a change writes some 100 KB at most beside what is new, and a
// collection of any size is read from its top in a few steps. Parts that the step under way has not touched stay as they are.

import { KIND_CHUNKED } from "../core/layout.ts";
import { FIRST_EXTERNAL, newPartId, type PartReference, type Stored } from "./format.ts";
import type { Piece } from "./piece.ts";
import type { CloudSpace } from "./space.ts";

/** How many bytes of records an object may have before branches are cut off. */
export interface CutLimits {
  /** Of that of a key, which is written with each change. */
  readonly rootBytes: number;
  readonly partBytes: number;
  /** Of large values: how many chunks a part has. */
  readonly chunks: number;
}

export const CUT_LIMITS: CutLimits = { rootBytes: 65_536, partBytes: 131_072, chunks: 64 };

/** A branch of less than this share of the limit is left where it is, as long as the whole is not so many times as long as it should be. */
const LEAST_SHARE = 1 / 8;
const MOST_LIMITS = 4;
/**
 * Chunks that are not more than this share of a run have no part of their own: those of a string, and those of a string in a collection,
 * which is written with others. Whole, a string is read or written by one request; its parts take another, before or after that.
 */
const OWN_SHARE = 1 / 4;
const OTHER_SHARE = 1 / 16;

/** What a key holds, as it goes to the bucket. */
export interface Cut {
  readonly root: Stored;
  readonly kind: number;
  readonly expires: boolean;
  /** The parts that are new, by their names. */
  readonly written: Map<string, Stored>;
  /** The pieces in the place of which they are. */
  readonly gone: Set<Piece>;
}

/** A record, or the records of one object, and what lies below it as far as it is looked at. */
class Branch {
  readonly number: number;
  readonly records: number[];
  readonly bytes: number;
  readonly children = new Set<Branch>();
  readonly holders = new Set<Branch>();
  /** The parts it is in, if it is not to be in the object of what refers to it. */
  parts: PartReference[] | null = null;
  /** What it weighs with those below it that are in the same object. */
  weight = 0;

  constructor(number: number, records: number[], bytes: number) {
    this.number = number;
    this.records = records;
    this.bytes = bytes;
  }

  /** The branch that begins the object in which this one is. */
  get top(): Branch {
    const [holder] = this.holders;
    return holder === undefined || this.parts !== null ? this : holder.top;
  }
}

/** Cuts what the key holds of which `root` is the record, when the step under way has changed `dirty` of its pieces. */
export function cut(space: CloudSpace, root: number, dirty: ReadonlySet<Piece>, limits: CutLimits): Cut {
  return new Cutter(space, dirty, limits).cut(root);
}

class Cutter {
  readonly #space: CloudSpace;
  readonly #dirty: ReadonlySet<Piece>;
  readonly #limits: CutLimits;
  readonly #branches = new Map<number, Branch>();
  readonly #written = new Map<string, Stored>();
  readonly #gone: Set<Piece>;
  /** More chunks are parts of their own. */
  #mostChunks = 0;

  constructor(space: CloudSpace, dirty: ReadonlySet<Piece>, limits: CutLimits) {
    this.#space = space;
    this.#dirty = dirty;
    this.#limits = limits;
    this.#gone = new Set(dirty);
  }

  cut(record: number): Cut {
    const { core } = this.#space;
    const kind = core.kindOf(record);
    const expires = core.expiryOf(record) !== 0;
    const isString = kind === KIND_CHUNKED;
    this.#mostChunks = this.#limits.chunks * (isString ? OWN_SHARE : OTHER_SHARE);
    const root = new Branch(0, [record], core.sizeOf(record));
    this.#grow(root);
    if (!isString) this.#weigh(root, this.#limits.rootBytes);
    for (const branch of this.#branches.values()) this.#separate(branch);
    for (const branch of this.#branches.values()) {
      if (branch.parts !== null && branch.records.length > 0) this.#write(branch, branch.parts[0].id);
    }
    return { root: this.#encode(root), kind, expires, written: this.#written, gone: this.#gone };
  }

  /** Looks at all that a branch refers to. */
  #grow(branch: Branch): void {
    for (const record of branch.records) {
      for (const { number, parts } of this.#space.referencesOf(record)) {
        let child = this.#branches.get(number);
        if (child === undefined) {
          child = this.#branchOf(number, parts);
          this.#branches.set(number, child);
          if (parts === 1) this.#grow(child);
        }
        branch.children.add(child);
        child.holders.add(branch);
      }
    }
  }

  #branchOf(number: number, parts: number): Branch {
    const pieces = this.#space.piecesOf(number);
    if (parts > 1 && (pieces !== undefined || parts > this.#mostChunks)) return this.#chunksOf(number, parts);
    if (pieces !== undefined && !this.#dirty.has(pieces[0])) {
      const branch = new Branch(number, [], 0);
      branch.parts = [pieces[0]];
      return branch;
    }
    const { core } = this.#space;
    const records = Array.from({ length: parts }, (_, part) => this.#space.nodeAt(number, part));
    return new Branch(number, records, records.reduce((sum, record) => sum + core.sizeOf(record), 0));
  }

  /** The chunks of a large value: those runs of them that have not changed stay in their parts. */
  #chunksOf(number: number, chunks: number): Branch {
    const branch = new Branch(number, [], 0);
    branch.parts = [];
    for (let first = 0; first < chunks;) {
      const piece = this.#space.pieceAt(number, first);
      const count = Math.min(this.#limits.chunks, chunks - first);
      if (
        piece !== undefined && !this.#dirty.has(piece) && (piece.count === count || piece.count === this.#limits.chunks)
      ) {
        branch.parts.push(piece);
        first += piece.count;
        continue;
      }
      for (const other of this.#space.piecesOf(number) ?? []) {
        if (other.first < first + count && other.first + other.count > first) this.#gone.add(other);
      }
      const id = newPartId();
      const records = Array.from(
        { length: count },
        (_, i) => this.#space.exportRecord(this.#space.nodeAt(number, first + i), () => 1),
      );
      this.#written.set(id, { records: concat(records), externals: [] });
      branch.parts.push({ id, count });
      first += count;
    }
    return branch;
  }

  /** Cuts off what is too much, below a branch first. */
  #weigh(branch: Branch, limit: number): void {
    branch.weight = branch.bytes;
    const own: Branch[] = [];
    for (const child of branch.children) {
      if (child.parts !== null) continue;
      if (child.weight === 0) this.#weigh(child, this.#limits.partBytes);
      branch.weight += child.weight;
      own.push(child);
    }
    if (branch.weight <= limit) return;
    own.sort((a, b) => b.weight - a.weight);
    for (const child of own) {
      // What is small by itself is not worth an object, unless there is very much of it.
      const isSmall = child.weight < limit * LEAST_SHARE;
      if (branch.weight <= (isSmall ? limit * MOST_LIMITS : limit / 2)) return;
      child.parts = [{ id: newPartId(), count: child.records.length }];
      branch.weight -= child.weight;
    }
  }

  /** A string that both trees of a sorted set refer to is in the object of both, or in one of its own. */
  #separate(branch: Branch): void {
    if (branch.parts !== null || branch.holders.size < 2) return;
    const tops = new Set(Array.from(branch.holders, (holder) => holder.top));
    if (tops.size > 1) branch.parts = [{ id: newPartId(), count: 1 }];
  }

  #write(branch: Branch, id: string): void {
    this.#written.set(id, this.#encode(branch));
  }

  /** The records of a branch and of those below it that are in the same object, with the numbers that they get there. */
  #encode(top: Branch): Stored {
    const numbers = new Map<number, number>();
    const externals: PartReference[][] = [];
    const queue = [top];
    let last = 0;
    if (top.number !== 0) numbers.set(top.number, ++last);
    const renumber = (number: number): number => {
      const known = numbers.get(number);
      if (known !== undefined) return known;
      const branch = this.#branches.get(number)!;
      const isElsewhere = branch.parts !== null;
      const given = isElsewhere ? FIRST_EXTERNAL + externals.length : ++last;
      if (isElsewhere) externals.push(branch.parts!.map(({ id, count }) => ({ id, count })));
      else queue.push(branch);
      numbers.set(number, given);
      return given;
    };
    const records: Uint8Array[] = [];
    for (const branch of queue) {
      for (const record of branch.records) records.push(this.#space.exportRecord(record, renumber));
    }
    return { records: concat(records), externals };
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
