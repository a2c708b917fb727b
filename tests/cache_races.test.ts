import { assert, assertEquals } from "@std/assert";
import { MemoryStore, withCache } from "@ferrite/storage";
import { textOf } from "./support/bytes.ts";
import { VirtualClock } from "./support/cloud/virtual_clock.ts";
import { share, test } from "./support/harness.ts";
import { datesFrom, lateStore } from "./support/middleware/late_store.ts";
import { type Random, seeded } from "./support/random.ts";

const RUNS = share(12);
const STEPS = 400;
const KEYS = ["a", "b", "c", "é"];
const EPOCH = 1_700_000_000_000;

const memory = () => new MemoryStore({ maxSize: "8MB" });

/** A call on a store, and the same answered at once. */
interface Step {
  later(store: MemoryStore): Promise<unknown>;
  atOnce(store: MemoryStore["sync"]): unknown;
}

/** The same method on both faces. */
function step(run: (store: MemoryStore["sync"]) => unknown): Step {
  return { later: async (store) => await run(store as never), atOnce: run };
}

function drawStep(random: Random, next: () => string): Step {
  const [a, b] = [random.pick(KEYS), random.pick(KEYS)];
  const value = next();
  return random.pick<() => Step>([
    () => step((store) => store.get(a)),
    () => step((store) => store.get(a)),
    () => step((store) => store.get(a)),
    () => step((store) => store.mget([a, b, a])),
    () => step((store) => store.mget(KEYS)),
    () => step((store) => store.exists(a)),
    () => step((store) => store.strlen(a)),
    () => step((store) => store.getRange(a, 1, -1)),
    () => step((store) => store.set(a, value)),
    () => step((store) => store.set(a, value)),
    () => step((store) => store.set(a, value, { ifAbsent: true })),
    () => step((store) => store.set(a, value, { ifPresent: true, keepTtl: true })),
    () => step((store) => store.mset([[a, value], [b, value], [a, `${value}!`]])),
    () => step((store) => store.mset(new Map([[b, value]]).entries())),
    () => step((store) => store.del(a)),
    () => step((store) => store.append(a, value)),
    () => step((store) => store.incrBy(a, 5)),
    () => step((store) => store.update(a, (old) => old === null ? value : null)),
    () => step((store) => store.rename(a, b)),
    () => step((store) => store.copy(a, b, { replace: true })),
    () => step((store) => store.rpush(a, [value])),
    () => step((store) => store.sunionStore(a, [b])),
    () => step((store) => store.persist(a)),
    () =>
      step((store) =>
        store.transact((tx) => {
          const old = tx.get(a);
          tx.set(b, value);
          tx.mset(new Map([[a, `${value}?`]]).entries());
          return old;
        })
      ),
    () =>
      step((store) =>
        store.transact((tx) => {
          tx.del(a);
          throw new Error("enough");
        })
      ),
    () => random.below(5) === 0 ? step((store) => store.clear()) : step((store) => store.type(a)),
  ])();
}

/** What a call comes to, for comparing. */
async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message;
  }
}

/** How many values were asked for. */
function readsOf(store: MemoryStore): number {
  const { hits, misses } = store.stats();
  return hits + misses;
}

test("calls at the same time on a cached store give what they give one after another", () =>
  seeded(async (random) => {
    let answeredByCache = 0;
    for (let run = 0; run < RUNS; run++) {
      const clock = new VirtualClock(random);
      await clock.run(async () => {
        const [model, inner] = [memory(), memory()];
        const store = withCache(lateStore(inner, () => clock.pause(0, 9)), {
          maxStalenessMs: Infinity,
          maxSize: "8MB",
        });
        const compared: Promise<void>[] = [];
        let written = 0;
        for (let i = 0; i < STEPS; i++) {
          const { later, atOnce } = drawStep(random, () => `${++written}`);
          const expected = await outcomeOf(() => atOnce(model.sync));
          // Both begin at once, so that the order of calls is that of this loop.
          const actual = random.below(8) === 0 ? outcomeOf(() => atOnce(store.sync)) : outcomeOf(() => later(store));
          compared.push(actual.then((actual) => assertEquals(actual, expected, `step ${i} of run ${run}`)));
          compared.at(-1)!.catch(() => {}); // told below
          if (random.below(3) === 0) await clock.pause(0, 60);
        }
        await Promise.all(compared);
        answeredByCache += readsOf(store) - readsOf(inner);
        await Promise.all([store.close(), model.close()]);
      });
    }
    assert(answeredByCache > RUNS * STEPS / 50, `the cache has answered ${answeredByCache}`);
  }));

test("expiry is carried over: a cached store and one that is not hold the same at every moment", () =>
  seeded(async (random) => {
    let now = EPOCH;
    using _ = datesFrom(() => now);
    for (let run = 0; run < RUNS; run++) {
      await using model = memory();
      await using store = withCache(memory(), { maxStalenessMs: random.pick([5, 50, Infinity]), maxSize: "8MB" });
      for (let i = 0; i < STEPS; i++) {
        const key = random.pick(KEYS);
        const ttl = random.pick([1, 3, 10, 40, 7.5]);
        const { later, atOnce } = random.pick([
          step((store) => store.get(key)),
          step((store) => store.get(key)),
          step((store) => store.mget(KEYS)),
          step((store) => store.exists(key)),
          step((store) => store.set(key, `${i}`, { ttl })),
          step((store) => store.set(key, `${i}`, { keepTtl: true })),
          step((store) => store.set(key, `${i}`)),
          step((store) => store.set(key, `${i}`, { ttl, ifAbsent: true })),
          step((store) => store.mset([[key, `${i}`]], { ttl })),
          step((store) => store.update(key, () => `${i}`, { ttl })),
          step((store) => store.expire(key, ttl)),
          step((store) => store.persist(key)),
          step((store) => store.ttl(key)),
          step((store) => store.transact((tx) => tx.expire(key, ttl))),
          step((store) => store.rename(key, KEYS[0])),
        ]);
        const expected = await outcomeOf(() => atOnce(model.sync));
        const actual = await outcomeOf(() => random.below(2) === 0 ? atOnce(store.sync) : later(store));
        assertEquals(actual, expected, `step ${i} of run ${run}`);
        if (random.below(2) === 0) now += random.below(12);
      }
    }
  }));

/** What a key held, from one moment to the next. */
interface Version {
  readonly value: string | null;
  readonly from: number;
}

test("what others write is seen when it is due, and what one has written oneself is never unseen", () =>
  seeded(async (random) => {
    let answeredByCache = 0;
    for (let run = 0; run < RUNS; run++) {
      const clock = new VirtualClock(random);
      using _ = datesFrom(() => EPOCH + clock.now());
      await clock.run(async () => {
        const maxStalenessMs = [60, 10, 1][run % 3]; // in turn, as a cache with 1 ms alone answers nothing
        const inner = memory();
        const store = withCache(lateStore(inner, () => clock.pause(0, 4)), { maxStalenessMs, maxSize: "8MB" });
        const history: Version[] = [{ value: null, from: -Infinity }];
        const note = (value: string | null) => history.push({ value, from: clock.now() }) - 1;
        let ownVersion = 0;
        const reads: Promise<void>[] = [];
        for (let i = 0; i < STEPS; i++) {
          switch (random.below(6)) {
            case 0: // somebody else
              if (random.below(4) === 0) inner.sync.del("k");
              else inner.sync.set("k", `other ${i}`);
              note(textOf(inner.sync.get("k")));
              break;
            case 1: { // noted when it takes effect, which is before it is answered
              const value = `own ${i}`;
              await store.update("k", () => (ownVersion = note(value), value));
              break;
            }
            default: {
              const [calledAt, own] = [clock.now(), ownVersion];
              const read = store.get("k").then((bytes) => {
                const oldest = calledAt - maxStalenessMs - 1; // times are whole milliseconds
                const isAllowed = history.some(({ value }, version) =>
                  value === textOf(bytes) && version >= own && (history[version + 1]?.from ?? Infinity) >= oldest
                );
                assert(isAllowed, `read ${textOf(bytes)} at ${calledAt}, of ${JSON.stringify(history.slice(-8))}`);
              });
              read.catch(() => {}); // told below
              reads.push(read);
            }
          }
          if (random.below(2) === 0) await clock.pause(0, 12);
        }
        await Promise.all(reads);
        answeredByCache += readsOf(store) - readsOf(inner);
        await store.close();
      });
    }
    assert(answeredByCache > RUNS * STEPS / 50, `the cache has answered ${answeredByCache}`);
  }));
