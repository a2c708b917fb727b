import { doesAll } from "./support/harness.ts";
import { BACKENDS, BY_FACE, LONGEST_KEY, suites, withoutSync, WRAPPERS } from "./support/middleware/wrappers.ts";

const [[, open, capabilities]] = BACKENDS;
// What they do does not depend on the runtime; the stacks go through all of them on each.
for (const [name, wrapped] of Object.entries(WRAPPERS).slice(0, doesAll ? Infinity : 1)) {
  const longestKey = name === "withNamespace" ? LONGEST_KEY : 65_535;
  if (BY_FACE.includes(name)) suites(name, async () => wrapped(await open()), capabilities, longestKey);
  else suites(name, async () => wrapped(withoutSync(await open())), { ...capabilities, sync: false }, longestKey);
}
