import { doesAll } from "./support/harness.ts";
import { BACKENDS, LONGEST_KEY, suites, WRAPPERS } from "./support/middleware/wrappers.ts";
import { Random } from "./support/random.ts";

// All wrappers at once, one in another, in an order that the seed decides and the names of the tests tell.

const random = new Random();
for (const [backend, open, capabilities] of doesAll ? BACKENDS : BACKENDS.slice(0, 1)) {
  const rest = Object.entries(WRAPPERS);
  const order = Array.from({ length: rest.length }, () => rest.splice(random.below(rest.length), 1)[0]);
  const name = [...order.map(([name]) => name).reverse(), backend].join(" of ");
  const openAll = async () => order.reduce((store, [, wrapped]) => wrapped(store), await open());
  suites(name, openAll, capabilities, LONGEST_KEY);
}
