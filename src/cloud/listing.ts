// How S3 lists objects (ListObjectsV2), and Google Cloud Storage in the same way.

import type { Bytes } from "../engine.ts";
import { allTags, firstTag, textOf } from "./http.ts";
import type { ListedObjects } from "./object_storage.ts";

/** The query for the names with a prefix behind `cursor`, which is the last name of the part before. */
export function listQuery(prefix: string, cursor: string | null | undefined, limit: number): string {
  const query = new URLSearchParams({ "list-type": "2", "max-keys": String(limit), prefix });
  if (cursor) query.set("start-after", cursor);
  return `?${query}`;
}

/** The answer to it. */
export function readList(body: Bytes): ListedObjects {
  const xml = textOf(body);
  const objects = allTags(xml, "Contents").map((item) => ({
    name: firstTag(item, "Key")!,
    size: Number(firstTag(item, "Size")),
  }));
  return { objects, cursor: firstTag(xml, "IsTruncated") === "true" ? objects[objects.length - 1].name : null };
}
