import { assertBetween, assertBytes, assertEquals } from "./assert.ts";
import { bytes, pattern, textOf } from "./bytes.ts";
import type { Check } from "./check.ts";

/** How many bytes of a long value are kept together. */
const CHUNK = 16_352;
const LONG = 200_000;
const MAX_VALUE_BYTES = 512 * 2 ** 20;

/** What `append`, `getRange`, `setRange` and `strlen` do. */
export function checkStringParts(check: Check): void {
  const { assertFails } = check;

  check("append starts, grows and passes from one record to many", async (store) => {
    let expected = new Uint8Array(0);
    assertEquals(await store.append("k", ""), 0);
    for (const length of [1, 7, 100, 5000, 11_000, 300, 16_352, 1, 40_000, 16_351, 0]) {
      const suffix = pattern(length, length);
      const joined = new Uint8Array(expected.length + length);
      joined.set(expected);
      joined.set(suffix, expected.length);
      expected = joined;
      assertEquals(await store.append("k", suffix), expected.length);
      assertBytes(await store.get("k"), expected, `after ${length}`);
    }
    await store.set("t", "a", { ttl: 60_000 });
    await store.append("t", "b");
    assertEquals(textOf(await store.get("t")), "ab");
    assertBetween(await store.ttl("t"), 50_000, 60_001, "ttl");
    assertEquals(await store.size(), 2);
  });

  check("getRange reads parts of a value, counted from both ends", async (store) => {
    await store.set("k", "This is a string");
    const cases: [number, number, string][] = [
      [0, 3, "This"],
      [-3, -1, "ing"],
      [0, -1, "This is a string"],
      [10, 100, "string"],
      [-100, 3, "This"],
      [5, 5, "i"],
      [5, 4, ""],
      [16, 20, ""],
      [-1, -5, ""],
      [-100, -90, ""],
      [0, 2 ** 40, "This is a string"],
      [2 ** 32, 2 ** 33, ""],
    ];
    for (const [start, end, expected] of cases) {
      assertEquals(textOf(await store.getRange("k", start, end)), expected, `${start} to ${end}`);
    }
    assertEquals(await store.getRange("none", 0, -1), bytes(""));
    await store.set("empty", "");
    assertEquals(await store.getRange("empty", 0, -1), bytes(""));
    for (const wrong of [1.5, NaN]) {
      await assertFails(() => store.getRange("k", wrong, 5), "OUT_OF_RANGE");
      await assertFails(() => store.getRange("k", 0, wrong), "OUT_OF_RANGE");
    }
    await assertFails(() => store.getRange("k", "0" as never, 5), "WRONG_TYPE");
  });

  check("getRange reads a long value across the borders inside", async (store) => {
    const value = pattern(LONG);
    await store.set("k", value);
    const borders = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 5 * CHUNK + 7, 12 * CHUNK, LONG - 1];
    for (const start of borders) {
      for (const end of borders) {
        const part = await store.getRange("k", start, end);
        assertBytes(part, value.slice(start, end + 1), `${start} to ${end}`);
        assertBytes(await store.getRange("k", start - LONG, end - LONG), part, `${start} to ${end} from the end`);
      }
    }
    const part = await store.getRange("k", 0, 99);
    part.fill(0);
    assertBytes(await store.getRange("k", 0, 99), value.slice(0, 100));
  });

  check("strlen gives the length in bytes", async (store) => {
    await store.set("text", "é🪙");
    await store.set("empty", "");
    const lengths = [await store.strlen("text"), await store.strlen("empty"), await store.strlen("none")];
    for (const length of [CHUNK - 1, CHUNK, CHUNK + 1, LONG]) {
      await store.set("k", pattern(length));
      lengths.push(await store.strlen("k"));
    }
    assertEquals(lengths, [6, 0, 0, CHUNK - 1, CHUNK, CHUNK + 1, LONG]);
  });

  check("setRange writes over a part, and grows a value with zeros", async (store) => {
    await store.set("k", "Hello World");
    assertEquals(await store.setRange("k", 6, "Redis"), 11);
    assertEquals(textOf(await store.get("k")), "Hello Redis");
    assertEquals(await store.setRange("k", 10, "!!"), 12);
    assertEquals(textOf(await store.get("k")), "Hello Redi!!");
    assertEquals(await store.setRange("k", 14, "x"), 15);
    assertEquals(textOf(await store.get("k")), "Hello Redi!!\0\0x");
    assertEquals(await store.setRange("new", 3, "x"), 4);
    assertEquals(await store.get("new"), new Uint8Array([0, 0, 0, 120]));
  });

  check("setRange with an empty value changes nothing", async (store) => {
    await store.set("k", "abc");
    assertEquals([await store.setRange("k", 100, ""), await store.setRange("none", 100, "")], [3, 0]);
    assertEquals([textOf(await store.get("k")), await store.exists("none")], ["abc", false]);
  });

  check("setRange refuses an offset that makes no sense, and values over the limit", async (store) => {
    await store.set("k", "abc");
    for (const offset of [-1, 1.5, NaN]) await assertFails(() => store.setRange("k", offset, "x"), "OUT_OF_RANGE");
    await assertFails(() => store.setRange("k", "0" as never, "x"), "WRONG_TYPE");
    await assertFails(() => store.setRange("k", 0, 5 as never), "WRONG_TYPE");
    await assertFails(() => store.setRange("k", MAX_VALUE_BYTES, "x"), "TOO_LARGE");
    await assertFails(() => store.setRange("none", MAX_VALUE_BYTES, "x"), "TOO_LARGE");
    assertEquals([textOf(await store.get("k")), await store.exists("none")], ["abc", false]);
  });

  check("setRange changes long values across the borders inside", async (store) => {
    const expected = pattern(LONG);
    await store.set("k", expected);
    let seed = 2;
    for (const offset of [0, CHUNK - 3, CHUNK, 3 * CHUNK - 1, LONG - 5]) {
      for (const length of [1, 5, 1000, CHUNK, 2 * CHUNK + 9]) {
        const part = pattern(Math.min(length, LONG - offset), seed++);
        expected.set(part, offset);
        assertEquals(await store.setRange("k", offset, part), LONG);
        assertBytes(await store.get("k"), expected, `${length} bytes at ${offset}`);
      }
    }
  });

  check("setRange grows values from short to long, zeros in between", async (store) => {
    const cases: [number, number][] = [[0, 5], [3, CHUNK], [CHUNK, LONG], [LONG, LONG + 1], [LONG, LONG + 5 * CHUNK], [
      0,
      LONG,
    ]];
    for (const [length, offset] of cases) {
      await store.set("k", pattern(length), { ttl: 60_000 });
      assertEquals(await store.setRange("k", offset, "tail"), offset + 4);
      const expected = new Uint8Array(offset + 4);
      expected.set(pattern(length));
      expected.set(bytes("tail"), offset);
      assertBytes(await store.get("k"), expected, `${length} to ${offset}`);
      assertBetween(await store.ttl("k"), 50_000, 60_001, "ttl");
    }
    assertEquals(await store.size(), 1);
  });
}
