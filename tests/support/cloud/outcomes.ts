import { assert, assertEquals } from "@std/assert";
import type { ObjectStorage } from "@ferrite/storage/cloud";
import { bytes, textOf } from "../bytes.ts";

/** What every bucket must answer; one that does not honour conditions on deletes must have said so. */
export async function checkOutcomes(bucket: ObjectStorage): Promise<void> {
  const { conditionalDelete } = await bucket.probe?.("probe/") ?? { conditionalDelete: true };
  await checkReadsAndWrites(bucket);
  if (conditionalDelete) await checkDeletes(bucket);
  await checkLists(bucket);
}

async function checkReadsAndWrites(bucket: ObjectStorage): Promise<void> {
  assertEquals(await bucket.get("a/b"), null);
  const first = await bucket.put("a/b", bytes("1"), { ifAbsent: true });
  assert(first !== null);
  assertEquals(await bucket.put("a/b", bytes("2"), { ifAbsent: true }), null);
  assertEquals(await contentOf(bucket, "a/b"), "1");
  assertEquals(await bucket.get("a/b", { unlessVersion: first }), "unchanged");
  const second = await bucket.put("a/b", bytes("2"), { ifVersion: first });
  assert(second !== null && second !== first);
  assertEquals(await bucket.put("a/b", bytes("3"), { ifVersion: first }), null);
  assertEquals(await bucket.put("none", bytes("3"), { ifVersion: first }), null);
  assertEquals(await contentOf(bucket, "a/b"), "2");
  const read = await bucket.get("a/b", { unlessVersion: first });
  assert(read !== null && read !== "unchanged" && read.version === second);
  assert(await bucket.put("a/b", bytes(""), null) !== null);
  assertEquals(await contentOf(bucket, "a/b"), "");
}

async function checkDeletes(bucket: ObjectStorage): Promise<void> {
  const version = (await bucket.put("c", bytes("1"), null))!;
  const other = (await bucket.put("c", bytes("2"), null))!;
  assertEquals(await bucket.delete("c", { ifVersion: version }), false);
  assertEquals(await contentOf(bucket, "c"), "2");
  assertEquals(await bucket.delete("c", { ifVersion: other }), true);
  assertEquals(await bucket.get("c"), null);
  await bucket.delete("c", { ifVersion: other }); // AWS says that it is not there, Ceph 20 that it is gone
  assertEquals(await bucket.delete("c", null), true);
}

async function checkLists(bucket: ObjectStorage): Promise<void> {
  const names = ["l/-", "l/0", "l/A", "l/_", "l/a", "l/a.b", "l/a/b", "l/a~2f", "l/z", "l/~"].sort();
  for (const name of [...names, "m"]) await bucket.put(name, bytes(name), null);
  for (const limit of [1, 3, names.length, 1000]) {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const part: Awaited<ReturnType<ObjectStorage["list"]>> = await bucket.list("l/", { cursor, limit });
      for (const { name, size } of part.objects) assertEquals(size, name.length);
      found.push(...part.objects.map(({ name }) => name));
      assert(part.objects.length <= limit);
      cursor = part.cursor;
    } while (cursor !== null);
    assertEquals(found, names);
  }
  assertEquals(await bucket.list("nothing"), { objects: [], cursor: null });
}

async function contentOf(bucket: ObjectStorage, name: string): Promise<string | null> {
  const object = await bucket.get(name);
  assert(object !== null && object !== "unchanged");
  return textOf(object.body);
}
