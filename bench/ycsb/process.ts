import { readFileSync } from "node:fs";
import process from "node:process";

/** What a process takes of the system's memory. */
export interface ProcessMemory {
  /** All of it, mapped files included. */
  rssBytes: number;
  /** Without files, which the system can take back; `null` where the system does not tell it apart. */
  anonBytes: number | null;
}

/** Of this process, or of another one, where the system tells. */
export function processMemory(processId?: number): ProcessMemory {
  const kilobytes = (name: string) => {
    const found = numberIn(`/proc/${processId ?? "self"}/status`, new RegExp(`^${name}:\\s+(\\d+) kB$`, "m"));
    return found && found * 1024;
  };
  return { rssBytes: kilobytes("VmRSS") ?? process.memoryUsage().rss, anonBytes: kilobytes("RssAnon") };
}

/** All bytes that this process, or another one, has given to the system to write; `null` where the system does not tell. */
export function writtenBytes(processId?: number): number | null {
  return numberIn(`/proc/${processId ?? "self"}/io`, /^wchar: (\d+)$/m);
}

function numberIn(path: string, pattern: RegExp): number | null {
  try {
    const match = pattern.exec(readFileSync(path, "utf8"));
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}
