// The scenario as a program, which is told where the bucket is and prints its report.

import { run } from "./scenario.ts";

const { Deno, process } = globalThis as { Deno?: { args: string[] }; process?: { argv: string[] } };
const [endpoint] = Deno?.args ?? process!.argv.slice(2);
console.log(JSON.stringify(await run({ endpoint })));
