import { assertEquals } from "@std/assert";
import { matchesGlob } from "../src/glob.ts";
import { bytes } from "./support/bytes.ts";
import { test } from "./support/harness.ts";

const matches = (pattern: string, text: string) => {
  const inside = bytes(`<${text}>`); // only what lies between start and end counts
  return matchesGlob(bytes(pattern), inside, 1, inside.length - 1);
};

test("globs match as Redis documents them", () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ["h?llo", ["hello", "hallo", "h?llo"], ["hllo", "heello"]],
    ["h*llo", ["hllo", "heeeello", "h*llo"], ["hell", "ahllo"]],
    ["h[ae]llo", ["hello", "hallo"], ["hillo", "hllo"]],
    ["h[^e]llo", ["hallo", "hbllo"], ["hello"]],
    ["h[a-b]llo", ["hallo", "hbllo"], ["hcllo"]],
    ["h[b-a]llo", ["hallo", "hbllo"], ["hcllo"]],
    ["*", ["", "x", "anything"], []],
    ["", [""], ["x"]],
    ["a*b*c", ["abc", "aXbYc", "abbbcc"], ["ab", "acb", "abcd"]],
    ["**a", ["a", "ba"], ["b"]],
    ["\\*\\?\\[", ["*?["], ["abc"]],
    ["[\\]-]", ["]", "-"], ["\\"]],
    ["[a-]", ["a", "]", "^"], ["-", "b"]],
    ["[abc", ["a", "c"], ["d"]],
    ["a\\", ["a\\"], ["a"]],
    ["[a-c]*[0-9]", ["a1", "bxx9"], ["d1", "ab"]],
    ["[^]", ["x"], [""]],
    ["*?", ["x", "xy"], [""]],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const text of yes) assertEquals(matches(pattern, text), true, `${pattern} ~ ${text}`);
    for (const text of no) assertEquals(matches(pattern, text), false, `${pattern} !~ ${text}`);
  }
});

test("a glob of many stars does not take exponential time", () => {
  const text = "a".repeat(5000);
  assertEquals(matches("a*".repeat(50) + "b", text), false);
  assertEquals(matches("*a".repeat(50), text), true);
});
