import process from "node:process";
import type { Timing } from "./timing.ts";

/** A timed piece, with the processor time that all threads of the process took for it. */
export interface Piece extends Timing {
  cpuMs: number;
}

/** What does not depend on who else uses the machine, but for work that waits. */
export async function withCpuTime(run: () => Timing | Promise<Timing>): Promise<Piece> {
  const before = process.cpuUsage();
  const timing = await run();
  const { user, system } = process.cpuUsage(before);
  return { ...timing, cpuMs: (user + system) / 1_000 };
}
