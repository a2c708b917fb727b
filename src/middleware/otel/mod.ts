/**
 * Metrics and traces of a store by OpenTelemetry, whose API, `@opentelemetry/api`, has to be installed beside this package.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { withMetrics, withTracing } from "@ferrite/storage/otel";
 *
 * await using store = withTracing(withMetrics(new MemoryStore()));
 * await store.set("key", "value");
 * ```
 *
 * @module
 */
export { type MetricsOptions, withMetrics } from "./metrics.ts";
export { type TracingOptions, withTracing } from "./tracing.ts";
