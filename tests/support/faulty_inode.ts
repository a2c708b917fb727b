import type { Random } from "./random.ts";

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

/** What is found of unsynced changes after the power was gone. */
export type Survival = "nothing" | "everything" | "mix";

/** What a sector was at some time since the last sync. */
interface Version {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Written by a truncation. */
  readonly isCut: boolean;
}

/**
 * The bytes of a file, without a name: as the system shows them, and as they are on the disk. In between lie all versions
 * that each sector had since the last sync, any of which may be on the disk when the power goes.
 */
export class Inode {
  #shown = new Content();
  #disk = new Content();
  #unsynced = new Map<number, Version[]>();
  /** Of a sync that failed. Like Linux, the system takes them for written, and no later sync writes them. */
  #forgotten = new Map<number, Version[]>();
  #lengths: { sequence: number; length: number }[] = [];
  #sequence = 0;

  get length(): number {
    return this.#shown.length;
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#shown.bytes.subarray(position, Math.min(position + into.length, this.#shown.length));
    into.set(found);
    return found.length;
  }

  /** The bytes themselves, as they are until the next write. */
  view(position: number, length: number): Uint8Array {
    return this.#shown.bytes.subarray(position, Math.min(position + length, this.#shown.length));
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.#sequence++;
    if (position + bytes.length > this.length) this.#noteLength(position + bytes.length);
    this.#shown.write(bytes, position);
    this.#keep(position, position + bytes.length, false);
  }

  /** What it cuts off is what comes back: whole sectors. */
  truncate(length: number): Uint8Array[] {
    const before = this.length;
    const freed = this.#sectorsFrom(Math.ceil(length / SECTOR_BYTES));
    this.#sequence++;
    this.#noteLength(length);
    this.#shown.setLength(length);
    if (length < before) this.#keep(length, before, true);
    return freed;
  }

  /** All sectors, to be found again in other files by bad luck. */
  sectors(): Uint8Array[] {
    return this.#sectorsFrom(0);
  }

  sync(): void {
    this.#disk.setLength(this.length);
    for (const sector of this.#unsynced.keys()) {
      const start = sector * SECTOR_BYTES;
      const end = Math.min(start + SECTOR_BYTES, this.length);
      if (start < end) this.#disk.write(this.#shown.bytes.subarray(start, end), start);
      this.#forgotten.delete(sector);
    }
    this.#unsynced.clear();
    this.#lengths = [];
  }

  /** A sync that fails: what it should have written may get lost from now on. */
  syncFails(): void {
    for (const [sector, versions] of this.#unsynced) {
      this.#forgotten.set(sector, [...this.#forgotten.get(sector) ?? [], ...versions]);
    }
    this.#unsynced.clear();
  }

  /** Damages bytes, shown and on the disk. */
  flip(position: number, mask: number): void {
    for (const content of [this.#shown, this.#disk]) {
      if (position < content.length) content.write(new Uint8Array([content.bytes[position] ^ mask]), position);
    }
  }

  /** The same in all, and changing apart from now on. */
  clone(): Inode {
    const clone = new Inode();
    clone.#shown = this.#shown.share();
    clone.#disk = this.#disk.share();
    for (const [sector, versions] of this.#unsynced) clone.#unsynced.set(sector, [...versions]);
    for (const [sector, versions] of this.#forgotten) clone.#forgotten.set(sector, [...versions]);
    clone.#lengths = [...this.#lengths];
    clone.#sequence = this.#sequence;
    return clone;
  }

  /** What is found of it after a power loss. A sector that was never written shows one of `leftovers`, or zeros. */
  afterPowerLoss(random: Random, survival: Survival, leftovers: readonly Uint8Array[]): Inode {
    const found = new Inode();
    found.#disk = survival === "everything" ? this.#shown.share() : this.#disk.share();
    if (survival === "mix") this.#mix(found.#disk, random, leftovers);
    found.#shown = found.#disk.share();
    return found;
  }

  #mix(disk: Content, random: Random, leftovers: readonly Uint8Array[]): void {
    const lengths = [{ sequence: 0, length: disk.length }, ...this.#lengths];
    const { sequence, length } = random.pick(lengths);
    const wasOnDisk = disk.length;
    disk.setLength(length);
    const tenthsWritten = random.pick([1, 5, 9]);
    const sectors = new Set([...this.#forgotten.keys(), ...this.#unsynced.keys()]);
    for (const sector of sectors) {
      const versions = [...this.#forgotten.get(sector) ?? [], ...this.#unsynced.get(sector) ?? []];
      // A cut that is on the disk has freed its sectors, so nothing from before it is seen in them.
      const cut = versions.findLastIndex((version) => version.isCut && version.sequence <= sequence);
      const last = versions.length - 1;
      const chosen = random.below(10) < tenthsWritten ? last : cut + random.below(last - cut + 1);
      const start = sector * SECTOR_BYTES;
      if (chosen >= 0) disk.writeWithin(versions[chosen].bytes, start);
      else if (start >= wasOnDisk && leftovers.length > 0 && random.below(2) === 0) {
        disk.writeWithin(random.pick(leftovers), start);
      }
    }
  }

  #noteLength(length: number): void {
    this.#lengths.push({ sequence: this.#sequence, length });
  }

  /** Keeps the sectors of a stretch as they are now. */
  #keep(from: number, to: number, isCut: boolean): void {
    const first = Math.floor(from / SECTOR_BYTES);
    const end = Math.ceil(to / SECTOR_BYTES);
    const copies = new Uint8Array((end - first) * SECTOR_BYTES);
    copies.set(this.#shown.bytes.subarray(first * SECTOR_BYTES, Math.min(end * SECTOR_BYTES, this.#shown.length)));
    for (let sector = first; sector < end; sector++) {
      const at = (sector - first) * SECTOR_BYTES;
      const version = { sequence: this.#sequence, bytes: copies.subarray(at, at + SECTOR_BYTES), isCut };
      const versions = this.#unsynced.get(sector);
      if (versions === undefined) this.#unsynced.set(sector, [version]);
      else versions.push(version);
    }
  }

  #sectorsFrom(first: number): Uint8Array[] {
    const sectors: Uint8Array[] = [];
    for (let at = first * SECTOR_BYTES; at + SECTOR_BYTES <= this.length; at += SECTOR_BYTES) {
      sectors.push(this.#shown.bytes.slice(at, at + SECTOR_BYTES));
    }
    return sectors;
  }
}

/** Bytes that grow, and are copied when they are written while somebody else has them too. */
class Content {
  /** At least `length` long, with zeros behind it. */
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  #isShared = false;

  share(): Content {
    const other = new Content();
    other.bytes = this.bytes;
    other.length = this.length;
    other.#isShared = this.#isShared = true;
    return other;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    this.#own(end, this.length);
    this.bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  /** Writes what lies within the length. */
  writeWithin(bytes: Uint8Array, position: number): void {
    if (position < this.length) this.write(bytes.subarray(0, this.length - position), position);
  }

  setLength(length: number): void {
    if (length === this.length) return;
    this.#own(length, Math.min(length, this.length));
    if (length < this.length) this.bytes.fill(0, length, this.length);
    this.length = length;
  }

  #own(capacity: number, kept: number): void {
    if (!this.#isShared && capacity <= this.bytes.length) return;
    const bytes = new Uint8Array(capacity <= this.bytes.length ? Math.max(capacity, kept) : capacity * 2);
    bytes.set(this.bytes.subarray(0, kept));
    this.bytes = bytes;
    this.#isShared = false;
  }
}
