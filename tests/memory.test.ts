import { MemoryStore } from "@ferrite/storage";
import { conformance } from "./support/conformance.ts";
import { MEMORY } from "./support/capabilities.ts";

const STORES: Record<string, () => Promise<MemoryStore>> = {
  "MemoryStore": async () => new MemoryStore({ maxSize: "64MB" }),
  "MemoryStore of 8 MB with eviction": async () => new MemoryStore({ maxSize: "8MB", eviction: true }),
};

for (const [name, open] of Object.entries(STORES)) {
  conformance({ name, open, capabilities: MEMORY });
}
