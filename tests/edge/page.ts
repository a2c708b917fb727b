// The scenario as the script of a page.

import { run } from "./scenario.ts";
import { report } from "./page_report.ts";

await report(run);
