/**
 * Metrics in the form that Prometheus reads, for a route of one's own: no server is started, and nothing is sent anywhere.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@ferrite/storage";
 * import { withMetrics } from "@ferrite/storage/otel";
 * import { CONTENT_TYPE, prometheus } from "@ferrite/storage/prometheus";
 * import { assert } from "@std/assert";
 *
 * const { meter, render } = prometheus();
 * await using store = withMetrics(new MemoryStore(), { meter });
 * await store.set("key", "value");
 * const response = new Response(await render(), { headers: { "content-type": CONTENT_TYPE } });
 * assert((await response.text()).includes("ferrite_calls_total"));
 * ```
 *
 * @module
 */
import type { Meter } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

/** A meter, and what it has measured as text. */
export interface Prometheus {
  /** For `withMetrics`. */
  readonly meter: Meter;
  /** What has been measured so far, in the text format of Prometheus, to be sent as {@linkcode CONTENT_TYPE}. */
  render(): Promise<string>;
}

/** What the `content-type` header has to say of the text. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * A meter whose metrics are rendered on demand. Needs `@opentelemetry/api`, `@opentelemetry/sdk-metrics` and
 * `@opentelemetry/exporter-prometheus`. An application that has a meter provider does not need this.
 */
export function prometheus(): Prometheus {
  const reader = new PullReader();
  const serializer = new PrometheusSerializer();
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter("@ferrite/storage"),
    async render() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      return serializer.serialize(resourceMetrics);
    },
  };
}

/** Collects when it is asked to. The exporter would do, too, but makes a server even where it is told not to start it. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}
