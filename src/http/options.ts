import type { Size } from "../size.ts";

/** How to serve a store over HTTP. */
export interface FerriteAppOptions {
  /** The secret that lets a request do everything. Either this, `readOnlyToken`, both, or `auth: "none"` must be given. */
  token?: string;
  /** The secret that lets a request read, but neither write nor go over all keys (`KEYS`, `SCAN`, `RANDOMKEY`). */
  readOnlyToken?: string;
  /** `"none"`: everyone who reaches the server may do everything. */
  auth?: "none";
  /** The most bytes that the body of a request may have; longer ones are answered with 413. `"1MB"` if not given. */
  maxBodySize?: Size;
  /** The most commands in one request; more are answered with 413. 1,000 if not given. */
  maxPipelineLength?: number;
  /**
   * Lets a command of a pipeline begin before those before it have ended, which shares requests to a bucket and syncs of a
   * disk. Those on one key take effect in their order all the same; of those on different keys, others may see a later one
   * first. Without it they run one after another.
   */
  overlapPipelines?: boolean;
  /** What `GET /metrics` answers with, in the text format of Prometheus. Without it there is no such page. */
  metrics?: () => string | Promise<string>;
  /** Told of errors that are not the client's doing, of which that learns next to nothing. `console.error` if not given. */
  onError?: (error: unknown) => void;
}
