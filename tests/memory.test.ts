import { MemoryStore } from "@ferrite/storage";
import { conformance } from "./support/conformance.ts";
import { MEMORY } from "./support/capabilities.ts";

conformance("MemoryStore", async () => new MemoryStore({ maxSize: "64MB" }), MEMORY);
conformance(
  "MemoryStore of 8 MB with eviction",
  async () => new MemoryStore({ maxSize: "8MB", eviction: true }),
  MEMORY,
);
