import { assert } from "@std/assert";
import { BUNDLES, bundleSize } from "../../bench/edge/bundle_size.ts";
import { test } from "../support/harness.ts";

/** What all of the cloud store may take in a bundle, minified and by `gzip -9`. The goal is 40 KB; `npm run bench -- edge` has all figures. */
const BUDGET_BYTES = 57_000;

test("the cloud store does not grow beyond its budget", async () => {
  const { all, script, core } = await bundleSize(BUNDLES["all of the cloud store"]);
  const parts = `${script} of JavaScript, ${core} of WASM`;
  assert(all <= BUDGET_BYTES, `the bundle has ${all} bytes (${parts}), which is more than ${BUDGET_BYTES}`);
  assert(script > 10_000 && core > 5000, `something is missing: ${parts}`);
});
