import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

/** A group of processes that may use so much memory together, the pages of files that they bring in counted. */
export interface MemoryLimit {
  /** A command in front of another one, which has that run in the group. */
  readonly through: readonly string[];
  remove(): Promise<void>;
}

const MOUNTS = "/proc/self/mounts";
const GROUPS = "/proc/self/cgroup";
/** Joins the group that is given first, and goes on as the command behind it. */
const JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

let groups = 0;
/** Those that are there: they must not outlive this process. */
const present = new Set<string>();
process.once("exit", () => {
  for (const group of present) rmdirSync(group);
});

/**
 * Makes a group within that of this process, so that whatever this one is held to holds there too. Throws an error that says why
 * not: it takes Linux, and the rights of root or a group that this user may divide.
 */
export function limitMemory(bytes: number): MemoryLimit {
  const group = join(ownGroup(), `ferrite-bench-${process.pid}-${++groups}`);
  mkdirSync(group);
  const isVersion1 = existsSync(join(group, "memory.limit_in_bytes"));
  try {
    writeFileSync(join(group, isVersion1 ? "memory.limit_in_bytes" : "memory.max"), String(bytes));
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
  present.add(group);
  return {
    through: ["sh", "-c", JOIN, group],
    async remove() {
      // Processes that have ended are in it for a moment still.
      for (let attempt = 0;; attempt++) {
        try {
          rmdirSync(group);
          present.delete(group);
          return;
        } catch (error) {
          if (attempt === 50) throw error;
          await setTimeout(20);
        }
      }
    },
  };
}

/** The directory of the memory controller that stands for the group which this process is in. */
function ownGroup(): string {
  if (!existsSync(GROUPS)) throw new Error("this system has no groups of processes with a memory limit (cgroups)");
  const lines = readFileSync(GROUPS, "utf8").split("\n").map((line) => line.split(":"));
  const version1 = lines.find(([, controllers]) => controllers?.split(",").includes("memory"));
  if (version1 !== undefined) return join(mountOf("cgroup", "memory"), version1[2]);
  const version2 = lines.find(([number]) => number === "0");
  if (version2 === undefined) throw new Error("this process is in no group with a memory limit (cgroup)");
  return join(mountOf("cgroup2"), version2[2]);
}

function mountOf(type: string, option?: string): string {
  for (const line of readFileSync(MOUNTS, "utf8").split("\n")) {
    const [, path, itsType, options] = line.split(" ");
    if (itsType === type && (option === undefined || options.split(",").includes(option))) return path;
  }
  throw new Error(`no ${type} is mounted`);
}
