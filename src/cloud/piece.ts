/**
 * An object of the bucket: that of a key, or a part of what a key holds, which never changes. A part is a node of a collection with much
 * of what lies below it, a long string of one, or a run of the chunks of a large value.
 */
export class Piece {
  /** The name of the key. */
  readonly key: string;
  /** Names the part; empty for the object of the key itself. */
  readonly id: string;
  /** The number that what it begins with has in the core, and which records of that it has; 0 for the object of a key. */
  readonly number: number;
  readonly first: number;
  readonly count: number;
  /** The pieces that refer to it. */
  readonly holders: Set<Piece> = new Set();
  /** The parts that it refers to, as long as it is in the core. */
  readonly children: Set<Piece> = new Set();
  /** The parts of the same key that are known, by their names, in the order in which they came to be. */
  readonly family: Map<string, Piece>;
  /** Whether it is in the core. */
  isLoaded = false;
  /** The numbers of the other objects in it, and how many records each has. */
  readonly objects: Map<number, number> = new Map();

  constructor(key: string, family: Map<string, Piece>, id: string, number: number, first: number, count: number) {
    this.key = key;
    this.family = family;
    this.id = id;
    this.number = number;
    this.first = first;
    this.count = count;
  }

  hold(child: Piece): void {
    this.children.add(child);
    child.holders.add(this);
  }

  /** It does not refer to anything any more. */
  release(): void {
    for (const child of this.children) child.holders.delete(this);
    this.children.clear();
  }
}
