import { type CloudOptions, CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import type { Hidden } from "../src/cloud/options.ts";
import { CLOUD } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";

const STORES: Record<string, [Omit<CloudOptions, "storage">, Hidden]> = {
  "CloudStore": [{}, {}],
  "CloudStore in small parts": [{}, { cutLimits: { rootBytes: 600, partBytes: 3000, chunks: 2 } }],
};

/** Of a collection each call writes what it has in one object, or a few parts: hundreds of elements need as many parts as thousands. */
const EFFORT = 0.2;

for (const [name, [options, hidden]] of Object.entries(STORES)) {
  const open = async () => new CloudStore({ storage: memoryObjects(), ...options }, hidden);
  conformance({ name, open, capabilities: CLOUD, effort: EFFORT });
}
