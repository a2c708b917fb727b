// The package, and what its import has done. Nothing else may be imported between the two.

import { endWatch } from "./watch.ts";
export * from "@ferrite/storage/cloud";

export const seenAtImport: string[] = endWatch();
