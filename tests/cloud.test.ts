import { CloudStore, memoryObjects } from "@ferrite/storage/cloud";
import { CLOUD } from "./support/capabilities.ts";
import { collectionsConformance } from "./support/conformance_collections.ts";
import { conformance } from "./support/conformance.ts";

const open = async () => new CloudStore({ storage: memoryObjects() });
conformance("CloudStore", open, CLOUD);
collectionsConformance("CloudStore", open, CLOUD);
