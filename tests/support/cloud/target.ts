import process from "node:process";
import {
  azure,
  type AzureOptions,
  gcs,
  type GcsOptions,
  type ObjectStorage,
  s3,
  type S3Options,
} from "@ferrite/storage/cloud";

/** A bucket of a real server: what its provider wants to know, which fits into a line of JSON. */
export type Target =
  | ({ provider: "s3"; endpoint: string } & S3Options)
  | ({ provider: "gcs"; endpoint: string } & GcsOptions)
  | ({ provider: "azure"; endpoint: string } & AzureOptions);

/** The one that `FERRITE_CLOUD` names, such as `{"provider":"s3","endpoint":"http://127.0.0.1:7480","bucket":"test","credentials":{…}}`. */
export function targetFromEnvironment(): Target {
  const text = process.env.FERRITE_CLOUD;
  if (text === undefined) throw new Error("FERRITE_CLOUD has to name a bucket: see tests/support/cloud/target.ts");
  return JSON.parse(text) as Target;
}

export function bucketOf({ provider, ...options }: Target): ObjectStorage {
  switch (provider) {
    case "s3":
      return s3(options as S3Options);
    case "gcs":
      return gcs(options as GcsOptions);
    case "azure":
      return azure(options as AzureOptions);
  }
}
