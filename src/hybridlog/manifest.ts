import { quote, StorageError } from "../errors.ts";
import type { FileSystem } from "../runtime/files.ts";

/** The stretch of the log that was written between one opening of it and the next. */
export interface Epoch {
  number: number;
  /** The start of its first page. */
  from: number;
  /** Where its last commit ended; `null` in the one that is being written. */
  until: number | null;
}

/** What a log must know about itself before it reads a record. */
export interface Manifest {
  format: number;
  /** The key of the hash, in hexadecimal. */
  hashKey: string;
  frameBits: number;
  segmentBytes: number;
  /** Part of the names of segment files: those of others are left over. */
  generation: number;
  /** The address of the first record. */
  begin: number;
  epochs: Epoch[];
  /** The saved index, and the address from which the log has to be replayed over it. */
  index: { file: string; replayFrom: number } | null;
  /** The end of a commit of the last epoch that was on the disk when this was written; `null` when there was none. */
  durable: number | null;
  /** Whether the log was closed with everything in it on the disk. */
  isClosed: boolean;
}

export const FORMAT = 1;
const NAME = "MANIFEST";
/** Written after the manifest, for a repair to go by when that is lost. */
const COPY_NAME = "MANIFEST.copy";

/** Reads a directory's manifest; `null` when there is none. `CORRUPT` for one that is damaged, `UNSUPPORTED` for one of a later format. */
export function readManifest(files: FileSystem, directory: string): Promise<Manifest | null> {
  return readFrom(files, `${directory}/${NAME}`);
}

/** Reads a directory's manifest or, where that is damaged or missing, its copy. */
export async function salvageManifest(files: FileSystem, directory: string): Promise<Manifest | null> {
  try {
    const manifest = await readFrom(files, `${directory}/${NAME}`);
    if (manifest !== null) return manifest;
  } catch {
    // There is a copy for that.
  }
  return await readFrom(files, `${directory}/${COPY_NAME}`);
}

async function readFrom(files: FileSystem, path: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await files.readText(path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
  const end = text.lastIndexOf("\n", text.length - 2);
  const body = text.slice(0, end);
  const isWhole = text.slice(end + 1) === `${checksumOf(body)}\n`;
  let manifest: Manifest;
  try {
    manifest = JSON.parse(body);
  } catch {
    throw damaged(path, "it is not JSON");
  }
  if (!isWhole) throw damaged(path, "its checksum is wrong");
  if (manifest.format !== FORMAT) {
    throw new StorageError(
      "UNSUPPORTED",
      `Cannot open storage: ${quote(path)} has format ${manifest.format}, and this package reads ${FORMAT}`,
    );
  }
  return manifest;
}

/** Writes a manifest such that there is always a whole one. When it resolves, it lasts. */
export async function writeManifest(files: FileSystem, directory: string, manifest: Manifest): Promise<void> {
  const body = JSON.stringify(manifest, null, 2);
  const text = `${body}\n${checksumOf(body)}\n`;
  await writeText(files, `${directory}/${NAME}`, text);
  await writeText(files, `${directory}/${COPY_NAME}`, text);
}

/** Removes all that is of a manifest, so that what is left is refused, and never taken for an empty log. */
export async function removeManifest(files: FileSystem, directory: string): Promise<void> {
  for (const name of [NAME, COPY_NAME]) {
    await files.remove(`${directory}/${name}.new`);
    await files.remove(`${directory}/${name}`);
  }
  await files.syncDirectory(directory);
}

async function writeText(files: FileSystem, path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await files.remove(draft);
  const file = await files.create(draft);
  try {
    await file.write(new TextEncoder().encode(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.replace(draft, path);
}

/** FNV-1a: what is asked is only whether a short text is as it was written. */
function checksumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function damaged(path: string, why: string): StorageError {
  return new StorageError("CORRUPT", `Cannot open storage: ${quote(path)} is damaged: ${why}`);
}
