import {
  type Attributes,
  type BatchObservableCallback,
  type Histogram,
  type Meter,
  metrics,
  ValueType,
} from "@opentelemetry/api";
import { checkOptionNames } from "../../arguments.ts";
import type { StorageEngine, StorageStats } from "../../engine.ts";
import { describe, StorageError } from "../../errors.ts";
import { type Call, type Operation, wrap } from "../wrap.ts";
import { errorType } from "./error_type.ts";

/** How to measure. */
export interface MetricsOptions {
  /** Whose instruments to use; those of the application's meter provider if not given. */
  meter?: Meter;
  /** What all figures are marked with. Stores that share a meter need something to tell them apart. */
  attributes?: Attributes;
  /** One call in so many of each operation is timed, the first one always; 64 if not given, as the clock costs more than many calls. */
  timeOneIn?: number;
}

/** Upper bounds of the buckets of durations: from what a read in memory takes to what a bucket far away does. In seconds. */
const BOUNDARIES = [-7, -6, -5, -4, -3, -2, -1, 0].flatMap((power) =>
  [1, 2.5, 5].map((step) => Number(`${step}e${power}`))
);

/** Figures of `stats()` that only grow, and those that also fall. */
const TOTALS = ["hits", "misses", "evictions", "expirations"] as const;
const LEVELS = ["keys", "liveBytes", "garbageBytes", "indexBytes", "memoryBytes", "maxBytes"] as const;

/**
 * A store whose calls are counted and timed by OpenTelemetry: calls and errors for each operation, errors by their code, a histogram
 * of durations, and the figures of `stats()`, until it is closed. Calls on `store.sync` and in transactions are measured apart.
 *
 * Needs `@opentelemetry/api`. Without a meter it uses the one of the application, which does nothing until there is a meter provider.
 * Instruments: `ferrite.calls`, `ferrite.errors`, `ferrite.call.duration` (seconds), and one for each figure, like `ferrite.keys`.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { withMetrics } from "@ferrite/storage/otel";
 * import { prometheus } from "@ferrite/storage/prometheus";
 * import { assert } from "@std/assert";
 *
 * const { meter, render } = prometheus();
 * await using store = withMetrics(new MemoryStore(), { meter });
 * await store.get("key");
 * assert((await render()).includes('ferrite_calls_total{db_operation_name="get",ferrite_face="store"'));
 * ```
 */
export function withMetrics<S extends StorageEngine>(inner: S, options: MetricsOptions = {}): S {
  checkOptionNames("measure", options, ["meter", "attributes", "timeOneIn"]);
  const { meter = metrics.getMeter("@ferrite/storage"), attributes = {}, timeOneIn = 64 } = options;
  if (!Number.isInteger(timeOneIn) || timeOneIn < 1) {
    throw new StorageError("CONFIG", `Cannot measure: timeOneIn must be 1 or more, received ${describe(timeOneIn)}`);
  }
  const durations = meter.createHistogram("ferrite.call.duration", {
    description: `How long calls took, of one in ${timeOneIn}`,
    unit: "s",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const records = new Map<Operation, CallRecord>();
  const recordOf = (operation: Operation) => {
    const found = records.get(operation);
    if (found !== undefined) return found;
    const record = new CallRecord(operation, attributes, durations);
    records.set(operation, record);
    return record;
  };
  const stop = observe(meter, inner, records, attributes);
  return wrap(inner, (operation, call) => {
    const measured = measure(recordOf(operation), timeOneIn, operation, call);
    if (operation.name !== "close") return measured;
    return (...args) => (measured(...args) as Promise<void>).finally(stop);
  });
}

/** What is known of the calls of one operation. */
class CallRecord {
  calls = 0;
  readonly errors: Map<string, number> = new Map();
  readonly attributes: Attributes;
  readonly #durations: Histogram;

  constructor({ name, face }: Operation, attributes: Attributes, durations: Histogram) {
    this.attributes = { ...attributes, "db.operation.name": name, "ferrite.face": face };
    this.#durations = durations;
  }

  end(startMs: number): void {
    this.#durations.record((performance.now() - startMs) / 1000, this.attributes);
  }

  fail(error: unknown): never {
    const type = errorType(error);
    this.errors.set(type, (this.errors.get(type) ?? 0) + 1);
    throw error;
  }
}

function measure(record: CallRecord, timeOneIn: number, { name, face }: Operation, call: Call): Call {
  if (name === "keys") return measureKeys(record, face, call);
  const fail = (error: unknown) => record.fail(error);
  const timed: Call = (...args) => {
    const startMs = performance.now();
    const end = () => record.end(startMs);
    let result: unknown;
    try {
      result = call(...args);
    } catch (error) {
      end();
      throw error;
    }
    if (result instanceof Promise) result.then(end, end);
    else end();
    return result;
  };
  return (...args) => {
    const isTimed = record.calls++ % timeOneIn === 0;
    try {
      const result = isTimed ? timed(...args) : call(...args);
      return face === "store" && result instanceof Promise ? result.then(undefined, fail) : result;
    } catch (error) {
      return record.fail(error);
    }
  };
}

/** How long an iteration takes is up to who iterates, so it is only counted. */
function measureKeys(record: CallRecord, face: Operation["face"], call: Call): Call {
  async function* keys(...args: unknown[]): AsyncGenerator {
    try {
      yield* call(...args) as AsyncIterable<unknown>;
    } catch (error) {
      record.fail(error);
    }
  }
  function* keysAtOnce(...args: unknown[]): Generator {
    try {
      yield* call(...args) as Iterable<unknown>;
    } catch (error) {
      record.fail(error);
    }
  }
  return (...args) => {
    record.calls++;
    return face === "store" ? keys(...args) : keysAtOnce(...args);
  };
}

/** Has the meter ask for counts when it wants them. Returns what ends that. */
function observe(
  meter: Meter,
  store: StorageEngine,
  records: ReadonlyMap<Operation, CallRecord>,
  attributes: Attributes,
): () => void {
  const calls = meter.createObservableCounter("ferrite.calls", { description: "Calls", valueType: ValueType.INT });
  const errors = meter.createObservableCounter("ferrite.errors", {
    description: "Calls that failed, by error code",
    valueType: ValueType.INT,
  });
  const totals = TOTALS.map((name) =>
    meter.createObservableCounter(`ferrite.${name}`, { description: `stats().${name}`, valueType: ValueType.INT })
  );
  const levels = LEVELS.map((name) => {
    const isBytes = name.endsWith("Bytes");
    return meter.createObservableGauge(`ferrite.${isBytes ? `${name.slice(0, -5)}.size` : name}`, {
      description: `stats().${name}`,
      unit: isBytes ? "By" : "{key}",
    });
  });
  const instruments = [calls, errors, ...totals, ...levels];
  const observe: BatchObservableCallback = (result) => {
    for (const record of records.values()) {
      if (record.calls === 0) continue;
      result.observe(calls, record.calls, record.attributes);
      for (const [type, count] of record.errors) {
        result.observe(errors, count, { ...record.attributes, "error.type": type });
      }
    }
    const stats = statsOf(store);
    if (stats === null) return;
    TOTALS.forEach((name, i) => result.observe(totals[i], stats[name], attributes));
    LEVELS.forEach((name, i) => result.observe(levels[i], stats[name], attributes));
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}

function statsOf(store: StorageEngine): StorageStats | null {
  try {
    return store.stats();
  } catch {
    return null; // it has been closed from elsewhere
  }
}
