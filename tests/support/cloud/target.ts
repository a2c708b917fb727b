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
