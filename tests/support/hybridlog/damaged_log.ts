import { type HybridLogStore, StorageError } from "@ferrite/storage";
import { firstRecordOf, isOlder } from "../../../src/hybridlog/addresses.ts";
import type { FaultyFiles } from "../faulty_files.ts";
import type { Random } from "../random.ts";
import { CHAINS, NODE_MATES } from "./chain_mates.ts";
import { type Content, differences, type Holding, holdingOf } from "./content.ts";
import { isNode, KIND_CLEAR, KIND_COMMIT, type LogRecord, readLog, readManifestOf } from "./log_reader.ts";
import { type Region, regionsOfLog } from "./regions.ts";
import { type Opened, openSmall, QUIET } from "./small_store.ts";
import { recordsByKey } from "./value_records.ts";
import type { Left } from "./varied_log.ts";

/** Bits that are not what was written. */
export interface Damage {
  readonly region: Region;
  readonly position: number;
  readonly mask: number;
}

/** What is found under a key: what it holds, `null` for nothing, or why that cannot be read. */
type Found = Holding | null | StorageError;

/** No opening and no reading of these logs takes more. */
const MOST_READS = 100_000;

/** A log that is whole, of which copies are damaged, and what is known of it: so what may be missing then, and what may not. */
export class WholeLog {
  readonly files: FaultyFiles;
  readonly directory: string;
  readonly content: Content;
  readonly now: number;
  /** All that count, in their order. */
  readonly records: readonly LogRecord[];
  readonly regions: readonly Region[];
  /** Those of which nobody can think that they were not on the disk when the last commit was written. */
  readonly settled: readonly Region[];
  /** What the log holds, or has held. */
  readonly keys: readonly string[];
  /** What the value of a key consists of, by its name in records. */
  readonly #values: ReadonlyMap<string, readonly LogRecord[]>;

  /** Of a log that was not closed: that is whole up to its last commit. */
  static async ofKilled(killed: Left, now: number): Promise<WholeLog> {
    const files = killed.files.killed();
    const { number } = readManifestOf(files, killed.directory).epochs.at(-1)!;
    const { store } = await openSmall(files, QUIET, killed.directory);
    await store.close();
    const next = readManifestOf(files, killed.directory).epochs.find((epoch) => epoch.number > number)!;
    const records = readLog(files, killed.directory);
    const end = records.findIndex(({ address }) => address === firstRecordOf(next.from));
    const own = end < 0 ? records : records.slice(0, end);
    const { path, valueOffset } = own.findLast(({ kind }) => kind === KIND_COMMIT)!;
    const durable = Number(new DataView(files.contents(path).buffer).getBigUint64(valueOffset + 8, true));
    return new WholeLog(killed, now, own, durable);
  }

  constructor(
    left: Left,
    now: number,
    records: readonly LogRecord[] = readLog(left.files, left.directory),
    durable: number | null = null,
  ) {
    this.files = left.files;
    this.directory = left.directory;
    this.content = left.content;
    this.now = now;
    this.records = records;
    this.regions = regionsOfLog(this.files, records);
    this.settled = this.regions.filter(({ record }) =>
      record === null || durable === null || isOlder(record.address, durable)
    );
    const paths = [...new Set(records.map(({ path }) => path))];
    const contents = new Map(paths.map((path) => [path, this.files.contents(path)]));
    this.#values = recordsByKey(
      records,
      ({ path, valueOffset, valueLength }) => contents.get(path)!.subarray(valueOffset, valueOffset + valueLength),
    );
    const names = records.filter((record) => KEYED.includes(record.kind)).map((record) => record.key);
    this.keys = [...new Set(names)].map((name) => new TextDecoder().decode(Uint8Array.from(name, charCode)));
  }

  regionAt(path: string, position: number): Region {
    return this.regions.find((region) => region.path === path && region.from <= position && position < region.to)!;
  }

  /** A copy, damaged. */
  damaged(damages: readonly Damage[]): FaultyFiles {
    const files = this.files.killed();
    for (const damage of damages) flip(files, damage);
    files.fail = ({ count, kind }) => {
      if (kind === "read" && count > MOST_READS) throw new Error("it reads, and reads, and does not come to an end");
    };
    return files;
  }

  /**
   * Whether what is under a key depends on a damaged record. What shares a chain depends on all of that for those who go along it.
   */
  isTouched(key: string, damages: readonly Damage[], goesAlongChains: boolean): boolean {
    return damages.some(({ region: { record } }) => record !== null && this.#isTouchedBy(key, record, goesAlongChains));
  }

  #isTouchedBy(key: string, damaged: LogRecord, goesAlongChains: boolean): boolean {
    if (damaged.kind === KIND_CLEAR) return true;
    const value = this.recordsOf(key);
    if (value.includes(damaged)) return true;
    if (!goesAlongChains) return false;
    const chain = chainOf(damaged);
    return chain !== null && (chain === CHAIN_OF.get(key) || value.some((record) => chainOf(record) === chain));
  }

  /** The records that what is under a key consists of. Where there is nothing, those that say so, or did when it had something. */
  recordsOf(key: string): readonly LogRecord[] {
    const name = nameOf(key);
    const isOfKey = (record: LogRecord) => record.key === name && KEYED.includes(record.kind);
    return this.#values.get(name) ?? this.records.filter(isOfKey);
  }

  sharesChain(key: string): boolean {
    return CHAIN_OF.has(key) || this.recordsOf(key).some((record) => chainOf(record) !== null);
  }

  /** Everything must be as it was, but for what cannot be read because it is damaged. */
  assertReads(store: HybridLogStore, damages: readonly Damage[]): void {
    for (const key of this.keys) this.assertReadsKey(store, key, damages);
  }

  assertReadsKey(store: HybridLogStore, key: string, damages: readonly Damage[]): Found {
    const found = this.read(store, key);
    if (found instanceof StorageError) {
      assertNames(found, damages);
      if (!this.isTouched(key, damages, true)) {
        throw new Error(`${key} cannot be read, which is whole: ${found.message}`);
      }
    } else this.assertHolds(key, found);
    return found;
  }

  /** A key holds what it held. */
  assertHolds(key: string, found: Holding | null): void {
    const holding = this.content.get(key);
    const away = differences(mapOf(key, found), mapOf(key, holding), this.now);
    if (away !== null) throw new Error(away);
  }

  read(store: HybridLogStore, key: string): Found {
    try {
      return holdingOf(store.sync, key, this.now);
    } catch (error) {
      if (error instanceof StorageError) return error;
      throw error;
    }
  }

  /** Opens a damaged copy. Either that says what is damaged, or all that can be read is right. */
  async open(files: FaultyFiles, damages: readonly Damage[]): Promise<Opened | StorageError> {
    try {
      return await openSmall(files, QUIET, this.directory);
    } catch (error) {
      assertNames(error, damages);
      return error as StorageError;
    }
  }
}

const KEYED: readonly number[] = [1, 2, 3, 4, 5, 7];

/** Chains that several keys share, or a key and a node, by their keys and by the ids of nodes. */
const CHAIN_OF: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...CHAINS.flatMap((mates) => mates.map((key) => [key, mates] as const)),
  ...NODE_MATES.flatMap((mates) => [[mates[0], mates] as const, [idOf(mates[1]), mates] as const]),
]);

function chainOf(record: LogRecord): unknown {
  return (isNode(record) || KEYED.includes(record.kind)) ? CHAIN_OF.get(record.key) ?? null : null;
}

/** The id of the first node of an object, as records have it. */
function idOf(object: number): string {
  return String.fromCharCode(...new Uint8Array(new BigUint64Array([BigInt(object) << 16n]).buffer));
}

/** A key as records have it. */
function nameOf(key: string): string {
  return String.fromCharCode(...new TextEncoder().encode(key));
}

/** A bit somewhere in a region. */
export function damageBit(random: Random, region: Region): Damage {
  return { region, position: region.from + random.below(region.to - region.from), mask: 1 << random.below(8) };
}

const SECTOR_BYTES = 512;

/** Of a sector that a region has a part of: zeros, another sector, or anything. */
export function damageSector(random: Random, whole: WholeLog, { path, from, to }: Region): Damage[] {
  const contents = whole.files.contents(path);
  const start = sectorStart(from + random.below(to - from));
  const before = contents.subarray(start, start + SECTOR_BYTES);
  const other = sectorStart(random.below(contents.length));
  const after = random.pick([
    new Uint8Array(SECTOR_BYTES),
    contents.subarray(other, other + SECTOR_BYTES),
    random.bytes(SECTOR_BYTES),
  ]);
  return Array.from(before, (byte, i) => {
    const position = start + i;
    return { region: whole.regionAt(path, position), position, mask: byte ^ (after[i] ?? 0) };
  }).filter(({ mask }) => mask !== 0);
}

function sectorStart(position: number): number {
  return position - position % SECTOR_BYTES;
}

/** Damages, and makes good what is damaged. */
export function flip(files: FaultyFiles, { region, position, mask }: Damage): void {
  files.flip(region.path, position, mask);
}

/** An error must say which file is damaged and, in a log, at which offset the damaged record is. */
export function assertNames(error: unknown, damages: readonly Damage[]): void {
  if (error === null) throw new Error("nothing is said to be damaged");
  if (!(error instanceof StorageError) || error.code !== "CORRUPT") throw error;
  const isNamed = damages.some(({ region: { path, record } }) =>
    error.message.includes(record === null ? JSON.stringify(path) : `${placeOf(record)} `)
  );
  if (!isNamed) throw new Error(`the error names another place: ${error.message}`, { cause: error });
}

export function placeOf({ path, offset }: LogRecord): string {
  return `file ${JSON.stringify(path)} at offset ${offset}`;
}

/** For messages. */
export function showDamages(damages: readonly Damage[]): string {
  const shown = damages.slice(0, 6).map(({ region, position, mask }) =>
    `${region.name} of ${region.path} at ${position}, bits ${mask}`
  );
  return shown.join("; ") + (damages.length > shown.length ? `; … ${damages.length}` : "");
}

function mapOf(key: string, holding: Holding | null | undefined): Content {
  return new Map(holding === null || holding === undefined ? [] : [[key, holding]]);
}

function charCode(character: string): number {
  return character.charCodeAt(0);
}
