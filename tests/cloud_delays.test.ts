import { assertEquals } from "@std/assert";
import { Attempts } from "../src/cloud/attempts.ts";
import { backOff, type Clock, realClock } from "../src/cloud/clock.ts";
import { error, failureOf, PROVIDERS, scripted } from "./support/cloud/scripted_answers.ts";
import { test } from "./support/harness.ts";

/** A clock that notes between which times it was to wait, and does not. */
function notingClock(): Clock & { pauses: [number, number][] } {
  const pauses: [number, number][] = [];
  return {
    pauses,
    now: () => 0,
    pause: async (least, most) => void pauses.push([least, most]),
    within: (_ms, task) => task(new AbortController().signal),
  };
}

test("delays are any time up to a limit that doubles, to ten seconds", async () => {
  const clock = notingClock();
  for (const i of [1, 2, 5, 8, 9, 100, 2000]) await backOff(clock, i);
  assertEquals(clock.pauses.map(([least, most]) => [least, most]), [
    [0, 50],
    [0, 100],
    [0, 800],
    [0, 6400],
    [0, 10_000],
    [0, 10_000],
    [0, 10_000],
  ]);
});

test("what a server asks for comes on top, to a minute", async () => {
  const clock = notingClock();
  await backOff(clock, 1, 3000);
  await backOff(clock, 1, 1e9);
  assertEquals(clock.pauses, [[3000, 3050], [60_000, 60_050]]);
});

test("an attempt waits as long as the server has said", async () => {
  const { fetch, requests } = scripted([503, { "retry-after": "1" }, error("SlowDown")], [404, {}, error("NoSuchKey")]);
  const clock = notingClock();
  const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 2, timeoutMs: 1000, concurrency: 8 }, clock);
  assertEquals(await attempts.get("k"), null);
  assertEquals(clock.pauses, [[1000, 1050]]);
  assertEquals([requests.length, attempts.counts.reads, attempts.counts.retries], [2, 2, 1]);
});

test("there are only so many attempts, and only one where another makes no sense", async () => {
  const cases: [number, string, number][] = [[500, "InternalError", 3], [403, "AccessDenied", 1]];
  for (const [status, code, made] of cases) {
    const { fetch, requests } = scripted([status, {}, error(code)]);
    const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 3, timeoutMs: 1000, concurrency: 8 }, notingClock());
    assertEquals((await failureOf(() => attempts.get("k"))).status, status);
    assertEquals(requests.length, made);
  }
});

test("a write of which one attempt may have taken place is unknown, whatever comes after it", async () => {
  const { fetch } = scripted([500], [403]);
  const attempts = new Attempts(PROVIDERS.s3(fetch), { attempts: 3, timeoutMs: 1000, concurrency: 8 }, notingClock());
  const written = await attempts.put("k", new Uint8Array(1), { ifAbsent: true });
  assertEquals([written.version, "isUnanswered" in written], [null, true]);
  const refused = scripted([500], [412]);
  const again = new Attempts(
    PROVIDERS.s3(refused.fetch),
    { attempts: 3, timeoutMs: 1000, concurrency: 8 },
    notingClock(),
  );
  const refusal = await again.put("k", new Uint8Array(1), { ifAbsent: true });
  assertEquals([refusal.version, "isUnanswered" in refusal], [null, false]);
});

test("a task that takes too long sees its signal aborted, and one that does not leaves no timer behind", async () => {
  const { name } = await realClock.within(
    10,
    (signal) => new Promise<Error>((resolve) => signal.addEventListener("abort", () => resolve(signal.reason))),
  );
  assertEquals(name, "TimeoutError");
  let seen!: AbortSignal;
  assertEquals(await realClock.within(10, async (signal) => (seen = signal, "done")), "done");
  await realClock.pause(40, 40);
  assertEquals(seen.aborted, false);
});
