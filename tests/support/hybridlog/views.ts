import { pause } from "../../../src/runtime/pause.ts";
import type { FaultyFiles } from "../faulty_files.ts";
import { type Content, contentOf, differences } from "./content.ts";
import type { Opened } from "./small_store.ts";

/** Has the views there that reads have asked for: those go on without until then. */
export async function awaitViews(): Promise<void> {
  for (let i = 0; i < 3; i++) await pause();
}

/** Where files are mapped directly, all that has been read is read again from disk: through views, where segments are sealed. */
export async function assertSameByViews(
  { store, log }: Opened,
  files: FaultyFiles,
  content: Content,
  now: number,
): Promise<void> {
  if (!files.mapsDirectly || log.segmentCount === 1) return;
  await awaitViews();
  log.space.dropAll();
  const away = differences(contentOf(store.sync, now), content, now);
  if (away !== null) throw new Error(`read through views of its files, ${away}`);
}
