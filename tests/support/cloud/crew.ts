import { assertEquals } from "@std/assert";
import { Child, RUNTIMES } from "../processes.ts";
import type { Task } from "./writer.ts";
import type { Ledger } from "./writers.ts";

/** Starts a writer for each task, on all runtimes in turn. */
export async function startCrew(tasks: readonly Task[]): Promise<Child[]> {
  const crew = tasks.map((task, i) => {
    return new Child(RUNTIMES[i % RUNTIMES.length], "cloud/writer.ts", JSON.stringify(task));
  });
  for (const child of crew) assertEquals(await child.line(), "ready");
  return crew;
}

/** Has a writer write, and notes what it says until it is done, or has been killed; which of the two is what this resolves to. */
export async function follow(child: Child, ledger: Ledger, each: () => void = () => {}): Promise<"done" | "killed"> {
  child.say("write");
  for (;;) {
    const line = await child.line();
    if (line === "done") return "done";
    if (line === "") return "killed";
    ledger.note(line);
    each();
  }
}
