import { CloudStore, gcs } from "@ferrite/storage/cloud";
import { CLOUD } from "./support/capabilities.ts";
import { FakeGcs } from "./support/cloud/fake_gcs.ts";
import { conformance } from "./support/conformance.ts";

/** Each call is a request. */
const EFFORT = 0.05;

const open = async () => {
  const { fetch } = new FakeGcs();
  return new CloudStore({ storage: gcs({ bucket: "ferrite", credentials: { token: "token" }, fetch }) });
};

conformance({ name: "CloudStore on Google Cloud Storage", open, capabilities: CLOUD, effort: EFFORT });
