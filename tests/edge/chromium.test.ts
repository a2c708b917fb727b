import { assert, assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { test } from "../support/harness.ts";
import { ACCOUNT } from "./account.ts";
import { type BucketServer, startGcs, startS3 } from "./bucket_server.ts";
import { bundle } from "./bundle.ts";
import { Page } from "./chromium.ts";
import type { CorsRule } from "./cors.ts";
import type { CorsReport, CorsTask } from "./cors_page.ts";
import { testScenario } from "./report.ts";

const SESSION = { ...ACCOUNT, sessionToken: "t/o+ken" };
const HOUR_MS = 3_600_000;

/** The rules of S3 and of Google Cloud Storage that the docs tell users to give their bucket. */
async function documentedRules(origin: string): Promise<Record<"s3" | "gcs", CorsRule>> {
  const page = await readFile(new URL("../../docs/edge.md", import.meta.url), "utf8");
  const [{ CORSRules: [s3] }, [gcs]] = Array.from(
    page.matchAll(/```json\n([^`]*)```/g),
    ([, json]) => JSON.parse(json),
  );
  return {
    s3: { ...s3, AllowedOrigins: [origin] },
    // One list for both directions.
    gcs: {
      AllowedOrigins: [origin],
      AllowedMethods: gcs.method,
      AllowedHeaders: gcs.responseHeader,
      ExposeHeaders: gcs.responseHeader,
      MaxAgeSeconds: gcs.maxAgeSeconds,
    },
  };
}

testScenario("Chromium", async (server) => {
  await using page = await Page.serve(await bundle("page.ts"));
  server.rules = [(await documentedRules(page.origin)).s3];
  return await page.open({ endpoint: server.endpoint });
});

/** What a page says that uses a bucket of each of these rules. */
async function reportOn(
  page: Page,
  provider: CorsTask["provider"],
  rules: Record<string, CorsRule>,
  start: () => Promise<BucketServer>,
): Promise<CorsReport> {
  const servers: BucketServer[] = [];
  try {
    const endpoints: Record<string, string> = {};
    for (const [lacking, rule] of Object.entries(rules)) {
      const server = await start();
      servers.push(server);
      server.rules = [rule];
      endpoints[lacking] = server.endpoint;
    }
    return await page.open<CorsReport>({ provider, endpoints, account: SESSION } satisfies CorsTask);
  } finally {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

/** The rule, and what is left of it without one of its items, by that. */
function rulesWithout(rule: CorsRule): Record<string, CorsRule> {
  const lists = ["AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders"] as const;
  const items = new Set(lists.flatMap((list) => rule[list]));
  const without = (item: string) =>
    Object.fromEntries(lists.map((list) => [list, rule[list].filter((other) => other !== item)]));
  return {
    nothing: rule,
    ...Object.fromEntries(Array.from(items, (item) => [item, { ...rule, ...without(item) }])),
  };
}

function assertEachIsNeeded(report: CorsReport, count: number, words: Record<string, string>): void {
  // No server is busy here.
  const { nothing, "Retry-After": patient, ...others } = report;
  assertEquals([nothing, patient], ["ok", "ok"]);
  assertEquals(Object.keys(others).length, count, Object.keys(others).join());
  for (const [lacking, outcome] of Object.entries(others)) {
    assert(outcome.includes(words[lacking] ?? "the connection failed"), `without ${lacking}: ${outcome}`);
  }
}

test("of the CORS rules that are documented for S3 a page needs each, and no more", async () => {
  await using page = await Page.serve(await bundle("cors_page.ts"));
  const rules = rulesWithout((await documentedRules(page.origin)).s3);
  // The clock of the page is wrong, and its keys are good for some time only.
  const start = () => startS3({ accounts: [SESSION], now: () => Date.now() + HOUR_MS });
  const report = await reportOn(page, "s3", rules, start);
  assertEachIsNeeded(report, 13, { ETag: "gives objects no versions", Date: "RequestTimeTooSkewed" });
});

test("of the CORS rules that are documented for Google Cloud Storage a page needs each, and no more", async () => {
  await using page = await Page.serve(await bundle("cors_page.ts"));
  const rules = rulesWithout((await documentedRules(page.origin)).gcs);
  const report = await reportOn(page, "gcs", rules, startGcs);
  assertEachIsNeeded(report, 10, {
    ETag: "what has not changed was read again",
    "x-goog-generation": "gives objects no versions",
  });
});
