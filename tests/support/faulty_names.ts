import type { Inode, Survival } from "./faulty_inode.ts";
import type { Random } from "./random.ts";

type Change =
  | { readonly kind: "add"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "remove"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "rename"; readonly from: string; readonly path: string; readonly inode: Inode }
  | { readonly kind: "removeDirectory"; readonly path: string };

/** Names and the files they are of. */
class Tree {
  readonly files: Map<string, Inode>;
  readonly directories: Set<string>;

  constructor(files: Map<string, Inode> = new Map(), directories: Set<string> = new Set([".", "/"])) {
    this.files = files;
    this.directories = directories;
  }

  clone(of: (inode: Inode) => Inode): Tree {
    return new Tree(new Map(Array.from(this.files, ([path, inode]) => [path, of(inode)])), new Set(this.directories));
  }

  /** Makes a change, unless one that came before it, and that it builds on, is missing here. */
  apply(change: Change): void {
    const { kind, path } = change;
    if (kind === "removeDirectory") {
      const isEmpty = ![...this.files.keys(), ...this.directories].some((name) => name.startsWith(`${path}/`));
      if (isEmpty) this.directories.delete(path);
    } else if (kind === "remove") {
      if (this.files.get(path) === change.inode) this.files.delete(path);
    } else if (this.directories.has(directoryOf(path))) {
      if (kind === "add") this.files.set(path, change.inode);
      else if (this.files.get(change.from) === change.inode) {
        this.files.delete(change.from);
        this.files.set(path, change.inode);
      }
    }
  }
}

/** The names of a disk, as the system shows them and as they are on the disk, and the changes in between. */
export class Names {
  readonly #shown: Tree;
  readonly #disk: Tree;
  #unsynced: Change[];

  constructor(shown: Tree = new Tree(), disk: Tree = new Tree(), unsynced: Change[] = []) {
    this.#shown = shown;
    this.#disk = disk;
    this.#unsynced = unsynced;
  }

  get(path: string): Inode | undefined {
    return this.#shown.files.get(path);
  }

  isDirectory(path: string): boolean {
    return this.#shown.directories.has(path);
  }

  paths(): string[] {
    return [...this.#shown.files.keys()].sort();
  }

  /** What is in a directory. */
  list(directory: string): string[] {
    const all = [...this.#shown.files.keys(), ...this.#shown.directories];
    return all.filter((path) => directoryOf(path) === directory && path !== directory && path !== ".").map((path) =>
      path.slice(path.lastIndexOf("/") + 1)
    );
  }

  /** Whether a name is left of a file. */
  isNamed(inode: Inode): boolean {
    return [...this.#shown.files.values()].includes(inode);
  }

  add(path: string, inode: Inode): void {
    this.#change({ kind: "add", path, inode });
  }

  remove(path: string): void {
    const inode = this.get(path);
    if (inode !== undefined) this.#change({ kind: "remove", path, inode });
  }

  rename(from: string, path: string): void {
    const inode = this.get(from);
    if (inode !== undefined && from !== path) this.#change({ kind: "rename", from, path, inode });
  }

  /** A directory, with its parents, on the disk at once. */
  makeDirectory(path: string): void {
    for (let name = path; !this.#disk.directories.has(name) || !this.isDirectory(name); name = directoryOf(name)) {
      this.#shown.directories.add(name);
      this.#disk.directories.add(name);
      this.#unsynced = this.#unsynced.filter((change) => change.kind !== "removeDirectory" || change.path !== name);
    }
  }

  removeDirectory(path: string): void {
    const isInside = (name: string) => name.startsWith(`${path}/`);
    for (const name of this.paths().filter(isInside)) this.remove(name);
    const directories = [...this.#shown.directories].filter((name) => isInside(name) || name === path);
    for (const name of directories.sort().reverse()) this.#change({ kind: "removeDirectory", path: name });
  }

  /** Puts on the disk what happened in a directory, and what that builds on. */
  sync(directory: string): void {
    const needed = new Set<string>();
    const emptied: string[] = [];
    const kept: Change[] = [];
    const written: Change[] = [];
    for (const change of this.#unsynced.toReversed()) {
      const paths = pathsOf(change);
      const isNeeded = (path: string) =>
        directoryOf(path) === directory || needed.has(path) || emptied.some((name) => path.startsWith(`${name}/`));
      if (paths.some(isNeeded)) {
        for (const path of paths) needed.add(path);
        if (change.kind === "removeDirectory") emptied.push(change.path);
        written.push(change);
      } else kept.push(change);
    }
    for (const change of written.reverse()) this.#disk.apply(change);
    this.#unsynced = kept.reverse();
  }

  clone(of: (inode: Inode) => Inode): Names {
    const unsynced = this.#unsynced.map((change) =>
      change.kind === "removeDirectory" ? change : { ...change, inode: of(change.inode) }
    );
    return new Names(this.#shown.clone(of), this.#disk.clone(of), unsynced);
  }

  /** What is found after a power loss: of the unsynced changes none, all, the first few, or some that fit together. */
  afterPowerLoss(random: Random, survival: Survival, of: (inode: Inode) => Inode): Names {
    const disk = this.#disk.clone((inode) => inode);
    const first = random.below(this.#unsynced.length + 1);
    const isPrefix = random.below(2) === 0;
    this.#unsynced.forEach((change, i) => {
      const survives = survival === "everything" ||
        survival === "mix" && (isPrefix ? i < first : random.below(2) === 0);
      if (survives) disk.apply(change);
    });
    const found = disk.clone(of);
    return new Names(found, found.clone((inode) => inode));
  }

  #change(change: Change): void {
    this.#shown.apply(change);
    this.#unsynced.push(change);
  }
}

/** One way to write each path. */
export function normal(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".").join("/");
  return path.startsWith("/") ? `/${parts}` : parts || ".";
}

export function directoryOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}

function pathsOf(change: Change): string[] {
  return change.kind === "rename" ? [change.from, change.path] : [change.path];
}
