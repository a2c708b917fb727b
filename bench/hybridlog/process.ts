import { readFileSync } from "node:fs";
import process from "node:process";

/** What this process takes of the system's memory. */
export interface ProcessMemory {
  /** All of it, mapped files included. */
  rssBytes: number;
  /** Without files, which the system can take back; `null` where the system does not tell it apart. */
  anonBytes: number | null;
}

export function processMemory(): ProcessMemory {
  return { rssBytes: process.memoryUsage().rss, anonBytes: anonBytes() };
}

function anonBytes(): number | null {
  try {
    const match = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return match === null ? null : Number(match[1]) * 1024;
  } catch {
    return null;
  }
}
