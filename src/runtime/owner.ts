type NodeFs = typeof import("node:fs");

/**
 * A process, told apart from every other one there is or was. `null` is what could not be found out: not every system
 * knows of it, and Deno shows `/proc` only to those who may do everything.
 */
export interface Owner {
  /** The name of the machine, or of the container. */
  readonly host: string | null;
  /** What `/etc/machine-id` says, where it is there: machines may share a name. */
  readonly machine: string | null;
  /** Another one each time the machine starts. */
  readonly boot: string | null;
  /** Where `pid` counts; `""` on systems that count everywhere alike. */
  readonly pidNamespace: string | null;
  /** Where `started` counts. */
  readonly timeNamespace: string | null;
  readonly pid: number;
  /** When the process started, in ticks since the machine did: a number is given to another process one day. */
  readonly started: string | null;
}

/** What one process can say of another. */
export type Verdict =
  /** It is gone for certain. */
  | "gone"
  | "running"
  /** It was on another machine. */
  | "elsewhere"
  /** It was on this machine, but its number is not one of those that this process sees. */
  | "hidden"
  /** This process may not look. */
  | "unknown";

/** This process, and what it can say of others. */
export interface Processes {
  readonly self: Owner;
  judge(owner: Owner): Verdict;
}

/** What of `process` is needed here. */
export interface HostProcess {
  readonly pid: number;
  readonly platform: string;
  kill(pid: number, signal: 0): unknown;
}

/** The processes of this machine, as `/proc` shows them, or else signal 0. */
export function processesOf(fs: NodeFs, os: { hostname(): string }, host: HostProcess): Processes {
  const read = (path: string): string | null => attempt(() => fs.readFileSync(path, "utf8").trim());
  const namespace = (name: string): string | null => attempt(() => fs.readlinkSync(`/proc/self/ns/${name}`));
  // A namespace may be left with the /proc of the one outside, which has other processes under the same numbers.
  const isOurs = attempt(() => fs.readlinkSync("/proc/self")) === String(host.pid);
  const stat = (pid: number): Stat | null => isOurs ? statOf(read(`/proc/${pid}/stat`)) : null;
  const hasNamespaces = host.platform === "linux" || host.platform === "android";

  const self: Owner = {
    host: attempt(() => os.hostname()),
    machine: read("/etc/machine-id") || null,
    boot: read("/proc/sys/kernel/random/boot_id"),
    pidNamespace: hasNamespaces ? namespace("pid") : "",
    timeNamespace: hasNamespaces ? namespace("time") : "",
    pid: host.pid,
    started: stat(host.pid)?.started ?? null,
  };

  function judge(owner: Owner): Verdict {
    if (self.host === null || self.pidNamespace === null || owner.host === null || owner.pidNamespace === null) {
      return owner.host !== null && self.host !== null && owner.host !== self.host ? "elsewhere" : "unknown";
    }
    if (owner.host !== self.host || owner.machine !== self.machine) return "elsewhere";
    if (owner.pidNamespace !== self.pidNamespace) return "hidden";
    if (owner.boot !== self.boot) {
      // Two machines may have one name, and without an id nobody can tell them from one that was started again.
      return owner.boot !== null && self.boot !== null && self.machine !== null ? "gone" : "unknown";
    }
    const found = stat(owner.pid);
    // A system may hide the processes of others in /proc (hidepid), so that it has none is not enough.
    if (found === null) return verdictOfSignal(host, owner.pid);
    if (found.hasEnded) return "gone";
    const isComparable = owner.started !== null && owner.timeNamespace === self.timeNamespace;
    return isComparable && owner.started !== found.started ? "gone" : "running";
  }

  return { self, judge };
}

/** Signal 0 does nothing, but is refused where there is no such process, or it is another user's. */
function verdictOfSignal(host: HostProcess, pid: number): Verdict {
  try {
    host.kill(pid, 0);
    return "running";
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "ESRCH" ? "gone" : code === "EPERM" ? "running" : "unknown";
  }
}

/** What `/proc` says of a process. */
interface Stat {
  readonly started: string;
  readonly hasEnded: boolean;
}

/** Reads `/proc/<pid>/stat`: see proc_pid_stat(5). */
function statOf(text: string | null): Stat | null {
  if (text === null) return null;
  // The name comes second, in brackets, and may have spaces and brackets itself. Field 3 follows it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, threads, started] = [fields[0], fields[17], fields[19]];
  if (started === undefined) return null;
  // A process that was killed stays as a zombie until its parent asks for it. While threads of it are left, one may be in
  // the middle of a write.
  return { started, hasEnded: (state === "Z" || state === "X") && Number(threads) <= 1 };
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
