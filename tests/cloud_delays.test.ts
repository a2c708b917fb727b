import { assert, assertEquals } from "@std/assert";
import { Attempts, delayOf } from "../src/cloud/attempts.ts";
import { error, failureOf, PROVIDERS, scripted } from "./support/cloud/scripted.ts";
import { test } from "./support/harness.ts";

/** The shortest and the longest of many delays. */
function rangeOf(i: number, retryAfterMs?: number): [number, number] {
  const delays = Array.from({ length: 2000 }, () => delayOf(i, retryAfterMs));
  return [Math.min(...delays), Math.max(...delays)];
}

test("delays are any time up to a limit that doubles, to ten seconds", () => {
  for (const [i, limit] of [[1, 50], [2, 100], [5, 800], [8, 6400], [9, 10_000], [100, 10_000], [2000, 10_000]]) {
    const [least, most] = rangeOf(i);
    assert(least >= 0 && least < limit * 0.1 && most > limit * 0.9 && most <= limit, `${i}: ${least} to ${most}`);
  }
});

test("what a server asks for comes on top, to a minute", () => {
  assert(rangeOf(1, 3000)[0] >= 3000 && rangeOf(1, 3000)[1] <= 3050);
  assert(rangeOf(1, 1e9)[0] >= 60_000 && rangeOf(1, 1e9)[1] <= 60_050);
});

test("an attempt waits as long as the server has said", async () => {
  const { fetch, requests } = scripted([503, { "retry-after": "1" }, error("SlowDown")], [404, {}, error("NoSuchKey")]);
  const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 2, timeoutMs: 1000 });
  const start = performance.now();
  assertEquals(await attempts.get("k"), null);
  const ms = performance.now() - start;
  assert(ms > 990, `${ms}`);
  assertEquals([requests.length, attempts.counts.reads, attempts.counts.retries], [2, 2, 1]);
});

test("there are only so many attempts, and only one where another makes no sense", async () => {
  const cases: [number, string, number][] = [[500, "InternalError", 3], [403, "AccessDenied", 1]];
  for (const [status, code, made] of cases) {
    const { fetch, requests } = scripted([status, {}, error(code)]);
    const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 3, timeoutMs: 1000 });
    assertEquals((await failureOf(() => attempts.get("k"))).status, status);
    assertEquals(requests.length, made);
  }
});

test("a write of which one attempt may have taken place is unknown, whatever comes after it", async () => {
  const { fetch } = scripted([500], [403]);
  const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 3, timeoutMs: 1000 });
  const failure = await failureOf(() => attempts.put("k", new Uint8Array(1), { ifAbsent: true }));
  assertEquals([failure.status, failure.mayHaveHappened], [403, true]);
  const refused = scripted([500], [412]);
  const again = new Attempts(PROVIDERS.s3(refused.fetch), { attempts: 3, timeoutMs: 1000 });
  assertEquals(await again.put("k", new Uint8Array(1), { ifAbsent: true }), { version: null, mayBeOurs: true });
});
