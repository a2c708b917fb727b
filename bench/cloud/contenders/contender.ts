import type { S3Target } from "../target.ts";

/** Where a contender keeps its objects. */
export interface Place {
  readonly target: S3Target;
  /** How the names of its objects begin. */
  readonly prefix: string;
}

export type CloudRead = Uint8Array | null;

/** Somebody who asks a bucket. */
export interface CloudContender {
  /** Writes keys that are new. */
  fill(key: string, value: Uint8Array): Promise<unknown>;
  /** Nothing is known of any key from now on, but to `set`. */
  forget(): Promise<void>;
  get(key: string): Promise<CloudRead>;
  mget(keys: readonly string[]): Promise<CloudRead[]>;
  /** Writes over a key that it has written before, if nobody else has since. */
  set(key: string, value: Uint8Array): Promise<unknown>;
  /** Adds 1 to what a key holds, if nobody else writes to it meanwhile, and gives the sum. */
  incr(key: string): Promise<number>;
  /** The requests it has made, and bytes of objects that it has read and written. */
  effort(): CloudEffort;
  close(): Promise<void>;
}

export interface CloudEffort {
  requests: number;
  bytes: number;
}
