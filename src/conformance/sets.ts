import { assert, assertEquals, assertTexts } from "./assert.ts";
import { bytes, pattern } from "./bytes.ts";
import type { Check } from "./check.ts";
import type { Face } from "./face.ts";
import { LENGTHS, numbered, sorted, texts } from "./texts.ts";

/** What the operations of `SetOps` do. */
export function checkSets(check: Check): void {
  const { assertFails } = check;
  const all = async (store: Face, key: string) => sorted(await store.smembers(key)).join("");
  const fill = async (store: Face, sets: Record<string, string>) => {
    for (const [key, members] of Object.entries(sets)) await store.sadd(key, [...members]);
  };

  check("sadd counts new members, srem those that were there", async (store) => {
    assertEquals(await store.sadd("s", ["a", "b", "a"]), 2);
    assertEquals(await store.sadd("s", [bytes("b"), "c", ""]), 2);
    assertEquals([await store.scard("s"), await store.scard("none")], [4, 0]);
    assertEquals(sorted(await store.smembers("s")), ["", "a", "b", "c"]);
    assertEquals(await store.srem("s", ["a", "a", "none", ""]), 2);
    assertEquals(await all(store, "s"), "bc");
    assertEquals(await store.srem("none", ["a"]), 0);
    assertEquals(await store.smembers("none"), []);
  });

  check("sisMember and smisMember tell what is a member", async (store) => {
    await fill(store, { s: "ab" });
    assertEquals([await store.sisMember("s", "a"), await store.sisMember("s", "c")], [true, false]);
    assertEquals(await store.sisMember("none", "a"), false);
    assertEquals(await store.smisMember("s", ["b", "c", "b", "a"]), [true, false, true, true]);
    assertEquals(await store.smisMember("none", ["b", "c"]), [false, false]);
  });

  check("spop takes different members, each once", async (store) => {
    const names = numbered(1000);
    await store.sadd("s", names);
    const taken = texts(await store.spop("s"));
    assertEquals(taken.length, 1);
    assertEquals(await store.sisMember("s", taken[0]!), false);
    assertEquals(await store.spop("s", 0), []);
    taken.push(...texts(await store.spop("s", 499)));
    assertEquals([new Set(taken).size, await store.scard("s")], [500, 500]);
    taken.push(...texts(await store.spop("s", 5000)));
    assertTexts([...taken].sort(), names);
    assertEquals([await store.exists("s"), await store.spop("s")], [false, []]);
    for (const count of [-1, 1.5, NaN]) await assertFails(() => store.spop("s", count), "OUT_OF_RANGE");
  });

  check("srandMember gives different members, or with a negative count that many of any", async (store) => {
    await fill(store, { s: "abc" });
    assertEquals((await store.srandMember("s")).length, 1);
    assertEquals(await store.srandMember("s", 0), []);
    assertEquals(sorted(await store.srandMember("s", 100)), ["a", "b", "c"]);
    assertEquals(new Set(texts(await store.srandMember("s", 2))).size, 2);
    const many = texts(await store.srandMember("s", -200));
    assertEquals([many.length, [...new Set(many)].sort()], [200, ["a", "b", "c"]]);
    assertEquals([await store.srandMember("none"), await store.srandMember("none", -5)], [[], []]);
    assertEquals(await store.scard("s"), 3);
    await assertFails(() => store.srandMember("s", 1.5), "OUT_OF_RANGE");
  });

  check("srandMember and spop choose every member sometimes, of many too", async (store) => {
    await store.sadd("s", numbered(300));
    const seen = new Set(texts(await store.srandMember("s", -10_000)));
    assert(seen.size > 290, `${seen.size} of 300`);
    const first = new Set<string | null>();
    for (let i = 0; i < 200; i++) {
      const [member] = await store.spop("s");
      first.add(texts([member])[0]);
      await store.sadd("s", [member]);
    }
    assert(first.size > 50, `${first.size} different ones of 200`);
  });

  check("smove moves a member that is there", async (store) => {
    await fill(store, { s: "ab", t: "bc" });
    assertEquals(await store.smove("s", "t", "a"), true);
    assertEquals(await store.smove("s", "t", "none"), false);
    assertEquals(await store.smove("s", "t", "b"), true);
    assertEquals([await store.exists("s"), await all(store, "t")], [false, "abc"]);
    assertEquals(await store.smove("t", "new", "c"), true);
    assertEquals([await all(store, "t"), await all(store, "new")], ["ab", "c"]);
    assertEquals(await store.smove("new", "new", "c"), true);
    assertEquals(await store.smove("new", "new", "x"), false);
    assertEquals(await all(store, "new"), "c");
    assertEquals(await store.smove("none", "t", "a"), false);
    assertEquals(await store.exists("none"), false);
  }, "transactions");

  check("sinter, sunion and sdiff put sets together", async (store) => {
    await fill(store, { a: "abcd", b: "c", c: "ace" });
    assertEquals(sorted(await store.sinter(["a", "b", "c"])).join(""), "c");
    assertEquals(sorted(await store.sinter(["a", "c"])).join(""), "ac");
    assertEquals(sorted(await store.sunion(["a", "b", "c"])).join(""), "abcde");
    assertEquals(sorted(await store.sdiff(["a", "b", "c"])).join(""), "bd");
    assertEquals(sorted(await store.sdiff(["b", "a"])).join(""), "");
    assertEquals(sorted(await store.sinter(["a"])).join(""), "abcd");
    assertEquals(sorted(await store.sinter(["a", "a"])).join(""), "abcd");
    assertEquals(await store.sdiff(["a", "a"]), []);
    assertEquals(await store.sinter(["a", "none"]), []);
    assertEquals(sorted(await store.sunion(["none", "b"])).join(""), "c");
    assertEquals(sorted(await store.sdiff(["b", "none"])).join(""), "c");
    assertEquals(await store.sdiff(["none", "a"]), []);
  });

  check("sinterStore, sunionStore and sdiffStore write over what the destination held", async (store) => {
    await fill(store, { a: "abcd", b: "cx" });
    await store.set("string", "v", { ttl: 60_000 });
    assertEquals(await store.sunionStore("string", ["a", "b"]), 5);
    assertEquals([await all(store, "string"), await store.ttl("string")], ["abcdx", Infinity]);
    if (check.types.has("list")) await store.rpush("list", ["v"]);
    assertEquals(await store.sinterStore("list", ["a", "b"]), 1);
    assertEquals(await all(store, "list"), "c");
    assertEquals(await store.sdiffStore("new", ["a", "b"]), 3);
    assertEquals(await all(store, "new"), "abd");
    assertEquals(await store.sinterStore("string", ["a", "none"]), 0);
    assertEquals(await store.exists("string"), false);
    assertEquals(await store.sdiffStore("a", ["a", "b"]), 3);
    assertEquals(await all(store, "a"), "abd");
    assertEquals(await store.sunionStore("b", ["b", "a", "b"]), 5);
    assertEquals(await all(store, "b"), "abcdx");
  });

  check("sinterCard counts what is in all sets, up to a limit", async (store) => {
    await fill(store, { a: "abcd", b: "bcde" });
    assertEquals(await store.sinterCard(["a", "b"]), 3);
    assertEquals(await store.sinterCard(["a", "b"], { limit: 2 }), 2);
    assertEquals(await store.sinterCard(["a", "b"], { limit: 0 }), 3);
    assertEquals(await store.sinterCard(["a", "b"], { limit: 100 }), 3);
    assertEquals(await store.sinterCard(["a", "none"]), 0);
    for (const limit of [-1, 1.5, NaN]) await assertFails(() => store.sinterCard(["a"], { limit }), "OUT_OF_RANGE");
  });

  check("a member of a set has up to 65,535 bytes", async (store) => {
    const longest = pattern(65_535);
    assertEquals(await store.sadd("s", [longest, longest.slice(1), longest]), 2);
    assertEquals(await store.smisMember("s", [longest, longest.slice(1), longest.slice(2)]), [true, true, false]);
    const tooLong = pattern(65_536);
    await assertFails(() => store.sadd("s", ["a", tooLong]), "TOO_LARGE");
    await assertFails(() => store.sadd("none", [tooLong]), "TOO_LARGE");
    assertEquals([await store.scard("s"), await store.exists("none")], [2, false]);
    assertEquals(await store.srem("s", [longest.slice(1), longest]), 2);
    assertEquals(await store.exists("s"), false);
  });

  check("a set takes members of every length up to there", async (store) => {
    const lengths = LENGTHS.filter((length) => length <= 65_535);
    const members = lengths.flatMap((length) => length === 0 ? [pattern(0)] : [pattern(length, 1), pattern(length, 2)]);
    assertEquals(await store.sadd("s", members), members.length);
    assertEquals(await store.sadd("s", members), 0);
    assertEquals(await store.smisMember("s", members), members.map(() => true));
    assertTexts(sorted(await store.smembers("s")), sorted(members));
    assertTexts(sorted(await store.spop("s", 1000)), sorted(members));
  });

  check("sets of 20,000 are put together and emptied", async (store) => {
    const names = numbered(20_000);
    await store.sadd("a", names);
    await store.sadd("b", names.slice(5000).reverse());
    assertEquals(await store.sinterStore("inter", ["a", "b"]), 15_000);
    assertEquals(await store.sdiffStore("diff", ["a", "b"]), 5000);
    assertEquals(await store.sunionStore("union", ["inter", "diff"]), 20_000);
    assertTexts(sorted(await store.smembers("union")), names);
    assertEquals(await store.srem("union", names.slice(1)), 19_999);
    assertEquals(sorted(await store.smembers("union")), [names[0]]);
    assertEquals((await store.spop("a", 20_000)).length, 20_000);
    assertEquals(await store.exists("a"), false);
  });
}
