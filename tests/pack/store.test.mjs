// The suite for backends on a store that has been installed, with the runner of Node or of Bun. Started by
// conformance.mjs.
import test from "node:test";
import { MemoryStore } from "@ferrite/storage";
import { conformance, RECORD_STORE } from "@ferrite/storage/conformance";

conformance({
  test,
  name: "MemoryStore",
  open: () => new MemoryStore({ maxSize: "64MB" }),
  capabilities: { ...RECORD_STORE, persistence: true },
  effort: 0.05,
});
