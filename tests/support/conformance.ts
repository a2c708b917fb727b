import { conformance as conformanceOf, type ConformanceOptions } from "@ferrite/storage/conformance";
import { test } from "./harness.ts";

/** The suite for backends, on the runner that has started this file. Errors must say what our own stores say. */
export function conformance(options: Omit<ConformanceOptions, "test" | "checksMessages">): void {
  conformanceOf({ test, checksMessages: true, ...options });
}
