// How S3 lists objects (ListObjectsV2), and Google Cloud Storage in the same way.

import { StorageError } from "../errors.ts";
import { allTags, firstTag, type HttpResponse, textOf } from "./http.ts";
import { type ListedObjects, RequestError } from "./object_storage.ts";

/** A cursor is the server's token, behind this, or else the last name of the part before. */
const TOKEN = "?";

/** The query for the names with a prefix behind `cursor`. */
export function listQuery(prefix: string, cursor: string | null | undefined, limit: number): string {
  const query = new URLSearchParams({ "list-type": "2", "max-keys": String(limit), prefix });
  if (cursor?.startsWith(TOKEN)) query.set("continuation-token", cursor.slice(TOKEN.length));
  else if (cursor) query.set("start-after", cursor);
  return `?${query}`;
}

/** The answer to it. */
export function readList({ body }: HttpResponse): ListedObjects {
  const xml = textOf(body);
  assertEndsWith(xml, "ListBucketResult");
  const objects = allTags(xml, "Contents").map((item) => ({
    name: firstTag(item, "Key") ?? "",
    size: Number(firstTag(item, "Size")),
  }));
  if (firstTag(xml, "IsTruncated") !== "true") return { objects, cursor: null };
  const token = firstTag(xml, "NextContinuationToken");
  const cursor = token ? TOKEN + token : objects.at(-1)?.name;
  if (cursor) return { objects, cursor };
  throw new StorageError("UNSUPPORTED", "Cannot list objects: the server does not say how to go on");
}

/** What is no list, or half of one, must not pass for an empty one. */
export function assertEndsWith(xml: string, tag: string): void {
  if (xml.trimEnd().endsWith(`</${tag}>`)) return;
  const message = `Cannot list objects: the answer is not a whole list, but ${JSON.stringify(xml.slice(0, 40))}…`;
  throw new RequestError(message, { isTransient: true, mayHaveHappened: false });
}
