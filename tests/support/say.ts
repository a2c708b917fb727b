import { writeSync } from "node:fs";

/** Says a line to the process that has started this one. Out before it returns: what a process still holds when it is killed is lost. */
export function say(line: string): void {
  for (let rest = new TextEncoder().encode(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // until the other side has read some
    }
  }
}
