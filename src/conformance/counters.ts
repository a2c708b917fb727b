import { assertBetween, assertEquals } from "./assert.ts";
import { textOf } from "./bytes.ts";
import type { Check } from "./check.ts";

/** What `incrBy` does. */
export function checkCounters(check: Check): void {
  const { assertFails } = check;

  check("incrBy counts with numbers and with bigints, in 64 bits", async (store) => {
    assertEquals(await store.incrBy("n"), 1);
    assertEquals(await store.incrBy("n", 41), 42);
    assertEquals(await store.incrBy("n", -50), -8);
    assertEquals(textOf(await store.get("n")), "-8");
    assertEquals(await store.incrBy("n", 10n), 2n);
    assertEquals(await store.incrBy("n", -2), 0);
    assertEquals(textOf(await store.get("n")), "0");
    await store.set("n", "9223372036854775806");
    assertEquals(await store.incrBy("n", 1n), 9223372036854775807n);
    await assertFails(() => store.incrBy("n", 1n), "OUT_OF_RANGE", "64 bits");
    assertEquals(await store.incrBy("n", -9223372036854775808n), -1n);
    assertEquals(await store.incrBy("n", -9223372036854775807n), -9223372036854775808n);
    await assertFails(() => store.incrBy("n", -1n), "OUT_OF_RANGE");
    assertEquals(textOf(await store.get("n")), "-9223372036854775808");
  });

  check("incrBy keeps the expiry", async (store) => {
    await store.set("n", "1", { ttl: 60_000 });
    assertEquals(await store.incrBy("n"), 2);
    assertBetween(await store.ttl("n"), 50_000, 60_001, "ttl");
  });

  check("incrBy refuses a number that is not safe before it writes", async (store) => {
    await store.set("n", "9007199254740991");
    await assertFails(() => store.incrBy("n", 1), "OUT_OF_RANGE", "bigint");
    assertEquals(textOf(await store.get("n")), "9007199254740991");
    assertEquals(await store.incrBy("n", 1n), 9007199254740992n);
    for (const delta of [1.5, NaN, Infinity, 2 ** 53]) {
      await assertFails(() => store.incrBy("n", delta), "OUT_OF_RANGE", "safe integer");
    }
    await assertFails(() => store.incrBy("n", 2n ** 63n), "OUT_OF_RANGE");
    await assertFails(() => store.incrBy("n", "1" as never), "WRONG_TYPE");
    assertEquals(textOf(await store.get("n")), "9007199254740992");
  });

  check("incrBy refuses what is not an integer as Redis does", async (store) => {
    const wrong = [
      "",
      " 1",
      "1 ",
      "+1",
      "01",
      "-0",
      "-",
      "1.0",
      "1e3",
      "abc",
      "9223372036854775808",
      "x".repeat(50_000),
    ];
    for (const value of wrong) {
      await store.set("n", value);
      await assertFails(() => store.incrBy("n"), "NOT_INTEGER");
      assertEquals(textOf(await store.get("n")), value);
    }
    await store.set("n", "-9223372036854775808");
    assertEquals(await store.incrBy("n", 0n), -9223372036854775808n);
  });
}
