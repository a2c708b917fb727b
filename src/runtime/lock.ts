import { quote, StorageError } from "../errors.ts";
import type { Flock } from "./deno.ts";
import type { FileSystem, Lock, OpenFile } from "./files.ts";
import type { Owner, Processes, Verdict } from "./owner.ts";

// One process at a time has a data directory, on whatever runtime. Files LOCK-<n> say who wants it:
//
//   {"released":0,"token":"…","host":"…","machine":"…","boot":"…","pidNamespace":"…","pid":4121,"started":"…",…}
//
// To take the directory,
//
//   1. look at all locks. One whose process is gone, or that was released, counts for nothing. Any other: LOCKED.
//   2. create the next lock above the highest, which of those who have seen the same only one can.
//   3. look at all locks again, and last at one's own. Unless the others still count for nothing, and one's own is still
//      there, give way: release it and start over.
//   4. The directory is taken. Remove all other locks.
//
// Two cannot both get there. Each looks in step 3 when its own lock is there, so the one who begins later does so when
// both are. It finds the other's, and that its process runs, unless somebody has removed it. But that was one who had
// the directory, so either he has it still, or the other one, who looks at its own lock last, has missed it by then.
// That a directory may not list what comes and goes meanwhile does no harm: locks that count do not.
//
// A lock is written under another name, synced, and linked to its own, because a link appears at once and whole, or fails
// with EEXIST. Nobody sees half a lock, and after a power failure it is whole or not there. (Renaming would replace what
// another one has created.) Where there are no links (exFAT, Android) it is created exclusively and then written. Those
// who meet it empty wait for it, and when nothing comes, it counts for nothing: its owner looks at theirs, in step 3,
// only after it has written.

/** What the protocol needs of a system. */
export interface LockHost {
  readonly files: Pick<FileSystem, "list" | "create" | "link" | "remove" | "readText">;
  readonly processes: Processes;
  /** What else can tell that an owner is there. */
  readonly flock?: Flock | null;
  readonly wait: (ms: number) => Promise<void>;
}

/** What a lock file says. */
interface Claim extends Owner {
  readonly released: 0 | 1;
  /** Of the attempt that wrote it. */
  readonly token: string;
}

/** Where the 0 is that a release overwrites with a 1: one byte cannot be half-written. */
const RELEASED_AT = '{"released":'.length;
/** A lock, or the draft of one. */
const IS_LOCK = /^LOCK-(\d+|.*\.tmp)$/;
/** A lock that says nothing is read that many times before it counts for nothing: for a second. */
const PATIENCE = 50;
const PATIENCE_MS = 20;
/** Of rounds that come to nothing because others got in between. */
const ROUNDS = 1000;

/**
 * Takes a directory, which must exist, for this process and this caller alone. `LOCKED` when somebody has it already, be
 * it this very process, and when nobody can tell.
 */
export async function lockDirectory(host: LockHost, directory: string): Promise<Lock> {
  for (let round = 0; round < ROUNDS; round++) {
    const lock = await new Attempt(host, directory).run();
    if (lock !== null) return lock;
    await host.wait(Math.random() * 5); // so that two who give way to each other do not go on like that
  }
  throw new StorageError(
    "LOCKED",
    `Cannot open storage: too many processes try to lock data directory ${quote(directory)}`,
  );
}

/** One go at the directory. */
class Attempt {
  readonly #host: LockHost;
  readonly #files: LockHost["files"];
  readonly #directory: string;
  readonly #token = crypto.randomUUID();

  constructor(host: LockHost, directory: string) {
    this.#host = host;
    this.#files = host.files;
    this.#directory = directory;
  }

  /** `null` when somebody else got in between, so that all is to be looked at anew. */
  async run(): Promise<Lock | null> {
    const number = highest(await this.#look()) + 1;
    const held = await this.#claim(number);
    if (held === null) return null;
    let isFirst = false;
    try {
      isFirst = await this.#isFirst(number);
    } finally {
      // Not removed: by now the name may be that of another's lock.
      if (!isFirst) await held.release();
    }
    if (!isFirst) return null;
    await this.#removeOthers(number);
    return held;
  }

  /** All numbers there are, if none of the locks counts. */
  async #look(): Promise<number[]> {
    const numbers = numbersIn(await this.#files.list(this.#directory));
    for (const number of numbers) {
      const claim = await this.#readPatiently(number);
      const verdict = this.#judge(claim, number);
      if (verdict !== "gone") throw this.#locked(claim!, number, verdict);
    }
    return numbers;
  }

  /** Whether the lock that has just been created is the only one that counts. */
  async #isFirst(mine: number): Promise<boolean> {
    for (const number of numbersIn(await this.#files.list(this.#directory))) {
      if (number === mine) continue;
      if (this.#judge(await this.#readPatiently(number), number) !== "gone") return false;
    }
    return await this.#isMine(mine);
  }

  #path(number: number): string {
    return `${this.#directory}/LOCK-${number}`;
  }

  /** What a lock says; `null` when it says nothing. */
  async #read(number: number): Promise<Claim | "none" | null> {
    try {
      return parse(await this.#files.readText(this.#path(number)));
    } catch (error) {
      if (codeOf(error) === "ENOENT") return "none";
      throw error;
    }
  }

  /** What a lock says; `null` when it is gone, or nothing is to come. */
  async #readPatiently(number: number): Promise<Claim | null> {
    for (let i = 0; i < PATIENCE; i++) {
      const claim = await this.#read(number);
      if (claim !== null) return claim === "none" ? null : claim;
      await this.#host.wait(PATIENCE_MS);
    }
    return null;
  }

  #judge(claim: Claim | null, number: number): Verdict {
    if (claim === null || claim.released === 1) return "gone";
    return this.#host.flock?.isHeld(this.#path(number)) ? "running" : this.#host.processes.judge(claim);
  }

  #locked(claim: Claim, number: number, verdict: Verdict): StorageError {
    const who = `process ${claim.pid}${whereabouts(claim, this.#host.processes.self, verdict)}`;
    // A number may be another process's by now, where the start of that cannot be told.
    const isSure = verdict === "running" && claim.started !== null;
    const advice = isSure ? "" : `; if that does not run any more, remove ${quote(this.#path(number))}`;
    return new StorageError(
      "LOCKED",
      `Cannot open storage: data directory ${quote(this.#directory)} is locked by ${who}${advice}`,
    );
  }

  /** Creates the lock of that number; `null` when somebody else has. */
  async #claim(number: number): Promise<HeldLock | null> {
    const draft = `${this.#directory}/LOCK-${this.#token}.tmp`;
    try {
      const held = await this.#create(draft);
      try {
        if (await this.#link(draft, number)) return held;
      } catch (error) {
        await held.close();
        // ENOENT: whoever has the directory has removed the draft.
        return codeOf(error) === "ENOENT" ? null : await this.#claimWithoutLink(number);
      }
      await held.close();
      return null;
    } finally {
      await this.#files.remove(draft).catch(() => {}); // the next owner will
    }
  }

  async #link(draft: string, number: number): Promise<boolean> {
    try {
      await this.#files.link(draft, this.#path(number));
      return true;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      // A server may have made the link and lost its answer, so that asking again found it made.
      return await this.#isMine(number);
    }
  }

  async #claimWithoutLink(number: number): Promise<HeldLock | null> {
    try {
      return await this.#create(this.#path(number));
    } catch (error) {
      if (codeOf(error) === "EEXIST") return null;
      throw error;
    }
  }

  async #create(path: string): Promise<HeldLock> {
    const file = await this.#files.create(path);
    const held = new HeldLock(file, this.#host.flock?.hold(path) ?? null);
    try {
      const claim: Claim = { released: 0, token: this.#token, ...this.#host.processes.self };
      await file.write(new TextEncoder().encode(`${JSON.stringify(claim)}\n`), 0);
      await file.sync();
      return held;
    } catch (error) {
      await held.close();
      throw error;
    }
  }

  async #isMine(number: number): Promise<boolean> {
    const claim = await this.#read(number);
    return claim !== null && claim !== "none" && claim.token === this.#token;
  }

  /** Removes all other locks, and what is left of attempts. */
  async #removeOthers(mine: number): Promise<void> {
    try {
      for (const name of await this.#files.list(this.#directory)) {
        if (IS_LOCK.test(name) && name !== `LOCK-${mine}`) await this.#files.remove(`${this.#directory}/${name}`);
      }
    } catch {
      // They count for nothing, and the next owner will.
    }
  }
}

class HeldLock implements Lock {
  readonly #file: OpenFile;
  readonly #letGo: (() => void) | null;
  #released: Promise<void> | undefined;

  constructor(file: OpenFile, letGo: (() => void) | null) {
    this.#file = file;
    this.#letGo = letGo;
  }

  release(): Promise<void> {
    return this.#released ??= this.#release();
  }

  async #release(): Promise<void> {
    try {
      await this.#file.write(new TextEncoder().encode("1"), RELEASED_AT);
      await this.#file.sync();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#letGo?.();
    await this.#file.close();
  }
}

function highest(numbers: number[]): number {
  return Math.max(0, ...numbers);
}

/** The numbers of the locks among the files of a directory. */
function numbersIn(names: string[]): number[] {
  return names.filter((name) => /^LOCK-\d+$/.test(name)).map((name) => Number(name.slice("LOCK-".length)));
}

/** What a lock file says, or `null` when it is not whole. */
function parse(text: string): Claim | null {
  let claim: Partial<Claim> | null;
  try {
    claim = JSON.parse(text);
  } catch {
    return null;
  }
  // Something whole that this version does not understand is somebody all the same.
  const nobody = {
    released: 0,
    token: "",
    host: null,
    machine: null,
    boot: null,
    pidNamespace: null,
    timeNamespace: null,
    pid: 0,
    started: null,
  } as const;
  return { ...nobody, ...claim };
}

/** How the message goes on after the number of the process. */
function whereabouts(owner: Owner, self: Owner, verdict: Verdict): string {
  switch (verdict) {
    case "elsewhere":
      return ` on ${owner.host === self.host ? "another machine named " : ""}"${owner.host}"`;
    case "hidden":
      return " in another pid namespace";
    case "unknown":
      return ", of which this one cannot tell whether it runs";
    default:
      return (["pid", "started", "boot", "host"] as const).every((key) => owner[key] === self[key]) ? ", this one" : "";
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
