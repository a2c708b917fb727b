import { CloudStore, s3 } from "@ferrite/storage/cloud";
import { CLOUD } from "./support/capabilities.ts";
import { ACCOUNT, FakeS3, type FakeS3Options } from "./support/cloud/fake_s3.ts";
import { conformance } from "./support/conformance.ts";
import { doesAll } from "./support/harness.ts";

/** Each call is a request that is signed and checked. */
const EFFORT = 0.05;

const open = async (options: FakeS3Options = {}) => {
  const { fetch } = new FakeS3({ host: "s3.example", ...options });
  const storage = s3({ bucket: "ferrite", endpoint: "https://s3.example", credentials: ACCOUNT, fetch });
  return new CloudStore({ storage });
};

conformance({ name: "CloudStore on S3", open, capabilities: CLOUD, effort: EFFORT });

const openCeph16 = () => open({ wantsBareTags: true, ignoresConditionalDeletes: true, failsLosers: true });
if (doesAll) {
  conformance({
    name: "CloudStore on S3 with the quirks of Ceph 16",
    open: openCeph16,
    capabilities: CLOUD,
    effort: EFFORT,
  });
}
