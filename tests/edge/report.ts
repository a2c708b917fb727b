import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { type BucketServer, startS3 } from "./bucket_server.ts";
import { type Report, STEPS } from "./scenario.ts";

/** A test for each step of the scenario, through all of which `run` goes at once on a runtime, given where a bucket is. */
export function testScenario(runtime: string, run: (server: BucketServer) => Promise<Report>): void {
  let report: Promise<Report> | undefined;
  for (const step of Object.keys(STEPS)) {
    test(`${runtime}: ${step}`, async () => {
      const { [step]: reason } = await (report ??= withServer(run));
      assertEquals(reason, null, reason ?? "");
    });
  }
}

async function withServer(run: (server: BucketServer) => Promise<Report>): Promise<Report> {
  await using server = await startS3();
  return await run(server);
}
