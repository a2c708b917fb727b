import { type HybridLogStats, type HybridLogStore, StorageError } from "@ferrite/storage";
import { type Content, contentOf, differences } from "./content.ts";
import type { History } from "./history.ts";
import type { Moment, Span } from "./session.ts";
import { type Opened, openSmall, type Setting } from "./small_store.ts";
import { assertSameByViews } from "./views.ts";
import type { World } from "./world.ts";

/**
 * Opens what is found after a crash. It must be as it was at a commit that is not older than the last one acknowledged.
 * Returns the store, and which state of the history it has.
 */
export async function recover(
  moment: Moment,
  history: History,
  setting: Setting,
  world: World,
): Promise<Opened & { state: number }> {
  world.forgetIntervals();
  const opened = await openSmall(moment.files, setting).catch((cause) => {
    throw new Error(`the store does not open after a crash at ${moment.note}: ${(cause as Error).message}`, { cause });
  });
  const content = read(opened.store, world.now);
  const spans = moment.committed.map(({ from, to }) => ({ from: Math.max(from, moment.acknowledged), to }));
  const states = statesOf(content, spans, history, world.now);
  if (states.length === 0) {
    throw new Error(`after a crash at ${moment.note} ${explain(content, moment, history, world.now)}`);
  }
  // States that differ only in what has expired look alike but for that.
  const stats = opened.store.stats();
  const state = states.find((state) => isCounted(stats, content, history.states[state], world.now));
  if (state !== undefined) {
    await assertSameByViews(opened, moment.files, content, world.now);
    return { ...opened, state };
  }
  throw new Error(
    `after a crash at ${moment.note} the store is at one of the states ${states}, and counts ${stats.keys} keys, ` +
      `${stats.unverified} of them unverified; there are ${content.size}`,
  );
}

/** A checkpoint that is done opens as what it was made of. One that is not does so too, or refuses. */
export async function openCheckpoints(
  moment: Moment,
  history: History,
  setting: Setting,
  world: World,
): Promise<void> {
  for (const checkpoint of moment.checkpoints) {
    const { path, from } = checkpoint;
    const isDone = checkpoint.to !== Infinity;
    if (!isDone && !moment.files.paths().some((name) => name.startsWith(`${path}/`))) continue;
    const place = `${path}, opened after a crash at ${moment.note}`;
    let opened: Opened;
    try {
      opened = await openSmall(moment.files, setting, path);
    } catch (error) {
      if (!isDone && error instanceof StorageError) continue;
      throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
    }
    const content = read(opened.store, world.now);
    const span = { from, to: isDone ? checkpoint.to : history.length };
    if (statesOf(content, [span], history, world.now).length === 0) {
      const away = differences(content, history.states[from], world.now);
      throw new Error(`${place}: it is not what it was made of, at ${from} … ${span.to}: ${away}`);
    }
    await opened.store.set("written to a checkpoint", path);
    await opened.store.close();
    world.forgetIntervals();
  }
}

function read(store: HybridLogStore, now: number): Content {
  return contentOf(store.sync, now);
}

/** The states in one of the spans that are the same, the newest first. */
function statesOf(content: Content, spans: readonly Span[], history: History, now: number): number[] {
  const states: number[] = [];
  for (let state = history.length; state >= 0; state--) {
    const isAllowed = spans.some(({ from, to }) => from <= state && state <= to);
    if (isAllowed && differences(content, history.states[state], now) === null) states.push(state);
  }
  return states;
}

function explain(content: Content, moment: Moment, history: History, now: number): string {
  const spans = moment.committed.map(({ from, to }) => from === to ? from : `${from}-${to}`).join(", ");
  const same = history.states.findLastIndex((state) => differences(content, state, now) === null);
  const found = same >= 0
    ? `the store is at state ${same}`
    : `the store is at no state; at ${moment.acknowledged}, ${
      differences(content, history.states[moment.acknowledged], now)
    }`;
  return `${found}; acknowledged is ${moment.acknowledged} of ${history.length}, commits were at ${spans}`;
}

/** Whether the count of keys is that of a state, in which some may have expired without having been noticed. */
function isCounted({ keys, unverified }: HybridLogStats, content: Content, state: Content, now: number): boolean {
  const expired = [...state.values()].filter(({ expiry }) => expiry <= now).length;
  return unverified >= 0 && keys >= content.size - unverified && keys <= content.size + expired + unverified;
}
