import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { checkOptionNames } from "../../arguments.ts";
import type { Key, StorageEngine } from "../../engine.ts";
import { StorageError } from "../../errors.ts";
import { keysOf } from "../keys_of.ts";
import { type Operation, wrap } from "../wrap.ts";
import { errorType } from "./error_type.ts";

/** How to trace. */
export interface TracingOptions {
  /** Who makes the spans; the tracer of the application's provider if not given. */
  tracer?: Tracer;
  /** What all spans get, such as `db.namespace` or `server.address`. */
  attributes?: Attributes;
  /** Whether spans tell the keys, in `db.query.text`. Keys may be personal data, so they do not unless asked to. Values are never told. */
  keys?: boolean;
}

/** More keys than that are not told. */
const MOST_KEYS = 20;

/**
 * A store whose calls are spans of OpenTelemetry, by its semantic conventions for databases: named after the operation, with
 * `db.system.name`, `db.operation.name`, `db.operation.batch.size` for several keys, and after a failure `error.type` and
 * `db.response.status_code`. A transaction is one span. Keys are told only if asked for, values and error messages, which may have some
 * in them, never.
 *
 * Needs `@opentelemetry/api`. Without a tracer it uses the one of the application, which does nothing until there is a
 * tracer provider. What a call does itself, such as requests to a bucket, has its span for a parent if there is a context manager.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { withTracing } from "@ferrite/storage/otel";
 *
 * await using store = withTracing(new MemoryStore(), { attributes: { "db.namespace": "sessions" } });
 * await store.set("key", "value");
 * ```
 */
export function withTracing<S extends StorageEngine>(inner: S, options: TracingOptions = {}): S {
  checkOptionNames("trace", options, ["tracer", "attributes", "keys"]);
  const { tracer = trace.getTracer("@ferrite/storage"), attributes, keys: tellsKeys = false } = options;
  // What answers at once is in this process; anything else is somewhere else.
  const kind = inner.supports.sync ? SpanKind.INTERNAL : SpanKind.CLIENT;
  const start = ({ name }: Operation, args: readonly unknown[]): Span =>
    tracer.startSpan(name, {
      kind,
      attributes: {
        "db.system.name": "ferrite",
        "db.operation.name": name,
        ...attributes,
        ...attributesOf(name, args, tellsKeys),
      },
    });
  return wrap(inner, (operation, call) => {
    const { name, face, kind } = operation;
    if (name === "stats" || face === "transaction" || kind === "unknown") return call;
    if (name !== "keys") return (...args) => traceCall(start(operation, args), () => call(...args));
    return face === "store"
      ? (...args) => traceKeys(() => start(operation, args), () => call(...args) as AsyncIterable<unknown>)
      : (...args) => traceKeysAtOnce(() => start(operation, args), () => call(...args) as Iterable<unknown>);
  });
}

function attributesOf(name: string, args: readonly unknown[], tellsKeys: boolean): Attributes {
  const isBatch = name === "mget" || name === "mset";
  if (!isBatch && !tellsKeys) return {};
  const keys = keysOf(name, args);
  return {
    ...isBatch && keys.length > 1 ? { "db.operation.batch.size": keys.length } : {},
    ...tellsKeys ? { "db.query.text": [name, ...keys.slice(0, MOST_KEYS).map(textOf)].join(" ") } : {},
  };
}

const decoder = new TextDecoder();

function textOf(key: Key): string {
  return typeof key === "string" ? key : decoder.decode(key);
}

function traceCall(span: Span, call: () => unknown): unknown {
  let result: unknown;
  try {
    result = context.with(trace.setSpan(context.active(), span), call);
  } catch (error) {
    throw failed(span, error);
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then((value) => {
    span.end();
    return value;
  }, (error) => {
    throw failed(span, error);
  });
}

/** Ends a span with what went wrong, and returns that. */
function failed(span: Span, error: unknown): unknown {
  span.setStatus({ code: SpanStatusCode.ERROR }); // without the message: there may be a key or a value in it
  span.setAttribute("error.type", errorType(error));
  if (error instanceof StorageError) span.setAttribute("db.response.status_code", error.code);
  span.end();
  return error;
}

/** The span of an iteration lasts until its end, and is the parent of what happens in its steps. */
async function* traceKeys(start: () => Span, call: () => AsyncIterable<unknown>): AsyncGenerator {
  const span = start();
  const within = trace.setSpan(context.active(), span);
  const iterator = context.with(within, call)[Symbol.asyncIterator]();
  try {
    while (true) {
      const { done, value } = await context.with(within, () => iterator.next());
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    throw failed(span, error);
  } finally {
    await iterator.return?.();
    span.end();
  }
}

function* traceKeysAtOnce(start: () => Span, call: () => Iterable<unknown>): Generator {
  const span = start();
  try {
    yield* call();
  } catch (error) {
    throw failed(span, error);
  } finally {
    span.end();
  }
}
