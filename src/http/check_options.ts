import { checkOptionNames } from "../arguments.ts";
import { describe, StorageError } from "../errors.ts";
import { formatSize, parseSize } from "../size.ts";
import type { FerriteAppOptions } from "./options.ts";

/** Options as they are used. */
export interface CheckedOptions {
  readonly token: string | null;
  readonly readOnlyToken: string | null;
  readonly maxBodyBytes: number;
  readonly maxPipelineLength: number;
  readonly overlapPipelines: boolean;
  readonly metrics: (() => string | Promise<string>) | null;
  readonly onError: (error: unknown) => void;
}

const OPTIONS = [
  "token",
  "readOnlyToken",
  "auth",
  "maxBodySize",
  "maxPipelineLength",
  "overlapPipelines",
  "metrics",
  "onError",
];
const DEFAULT_BODY_SIZE = "1MB";
const DEFAULT_PIPELINE_LENGTH = 1000;
/** A value is no longer than this. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;
/** What the header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

export function checkOptions(options: FerriteAppOptions): CheckedOptions {
  checkOptionNames("serve storage", options, OPTIONS);
  checkAuth(options);
  const { maxBodySize = DEFAULT_BODY_SIZE, maxPipelineLength = DEFAULT_PIPELINE_LENGTH } = options;
  const { overlapPipelines = false, metrics = null, onError = console.error } = options;
  const maxBodyBytes = parseSize(maxBodySize);
  if (maxBodyBytes === null || maxBodyBytes < 1 || maxBodyBytes > MAX_BODY_BYTES) {
    const range = `from 1 byte to ${formatSize(MAX_BODY_BYTES)}`;
    throw refuse(`maxBodySize must be a size ${range}, received ${describe(maxBodySize)}`);
  }
  if (!Number.isSafeInteger(maxPipelineLength) || maxPipelineLength < 1) {
    throw refuse(`maxPipelineLength must be an integer of 1 or more, received ${describe(maxPipelineLength)}`);
  }
  if (typeof overlapPipelines !== "boolean") {
    throw refuse(`overlapPipelines must be true or false, received ${describe(overlapPipelines)}`);
  }
  if (metrics !== null && typeof metrics !== "function") {
    throw refuse(`metrics must be a function, received ${describe(metrics)}`);
  }
  if (typeof onError !== "function") throw refuse(`onError must be a function, received ${describe(onError)}`);
  const { token = null, readOnlyToken = null } = options;
  return { token, readOnlyToken, maxBodyBytes, maxPipelineLength, overlapPipelines, metrics, onError };
}

/** Nobody must be let in because an environment variable was not set. */
function checkAuth({ token, readOnlyToken, auth }: FerriteAppOptions): void {
  for (const [name, secret] of Object.entries({ token, readOnlyToken })) {
    // What it is does not get into a message.
    if (secret !== undefined && (typeof secret !== "string" || !TOKEN.test(secret))) {
      throw refuse(`${name} must be a string of printable ASCII characters without spaces`);
    }
  }
  if (auth !== undefined && auth !== "none") throw refuse(`auth must be "none", received ${describe(auth)}`);
  const hasToken = token !== undefined || readOnlyToken !== undefined;
  if (auth === "none" && hasToken) throw refuse('auth: "none" and tokens exclude each other');
  if (auth === undefined && !hasToken) throw refuse('token must be given, or auth: "none" to let everyone in');
  if (hasToken && token === readOnlyToken) throw refuse("token and readOnlyToken must not be the same");
}

function refuse(problem: string): StorageError {
  return new StorageError("CONFIG", `Cannot serve storage: ${problem}`);
}
