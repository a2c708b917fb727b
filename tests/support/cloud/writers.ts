import { assert, assertEquals } from "@std/assert";
import { textOf } from "../bytes.ts";
import type { Store } from "./content.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** What a writer was told. */
export interface Report {
  readonly sums: number[];
  readonly increments: Outcome[];
  /** By element, each of which is pushed once. */
  readonly pushes: Record<string, Outcome>;
}

/** Increments a counter and pushes to a list, as others do at the same time. */
export async function write(store: Store, writer: number, count: number): Promise<Report> {
  const report: Report = { sums: [], increments: [], pushes: {} };
  for (let i = 0; i < count; i++) {
    const element = `${writer}:${i}`;
    const [increment, push] = await Promise.all([
      outcomeOf(store.incrBy("count").then((sum) => report.sums.push(sum))),
      outcomeOf(store.rpush("list", [element])),
    ]);
    report.increments.push(increment);
    report.pushes[element] = push;
  }
  return report;
}

/** What was acknowledged must have taken place once, what is unknown at most once, what failed not at all. */
export async function judge(store: Store, reports: readonly Report[]): Promise<Record<Outcome, number>> {
  const increments = reports.flatMap((report) => report.increments);
  const pushes = reports.flatMap((report) => Object.entries(report.pushes));
  const all = [...increments, ...pushes.map(([, outcome]) => outcome)];
  const countOf = (outcomes: Outcome[], wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;

  const count = Number(textOf(await store.get("count")));
  const sure = countOf(increments, "acknowledged");
  const possible = sure + countOf(increments, "unknown");
  assert(count >= sure && count <= possible, `${count} increments, ${sure} acknowledged, ${possible} possible`);
  const sums = reports.flatMap((report) => report.sums);
  assertEquals(new Set(sums).size, sums.length, "two increments were told the same sum");

  const list = (await store.lrange("list", 0, -1)).map(textOf) as string[];
  assertEquals(new Set(list).size, list.length, "an element was pushed twice");
  const present = new Set(list);
  for (const [element, outcome] of pushes) {
    if (outcome === "acknowledged") assert(present.has(element), `${element} is lost`);
    if (outcome === "failed") assert(!present.has(element), `${element} is there though it failed`);
  }
  reports.forEach(({ pushes }) => {
    const acknowledged = Object.keys(pushes).filter((element) => pushes[element] === "acknowledged");
    const own = new Set(acknowledged);
    assertEquals(list.filter((element) => own.has(element)), acknowledged, "pushes of one writer changed places");
  });
  return {
    acknowledged: countOf(all, "acknowledged"),
    unknown: countOf(all, "unknown"),
    failed: countOf(all, "failed"),
  };
}
