import { StorageError } from "../errors.ts";
import { RequestError } from "./object_storage.ts";

/** Something that opens a bucket, or a function that gives it, which may take its time and is asked again when it has expired. */
export type Credential<T> = T | (() => T | Promise<T>);

/** So much before it expires a credential is asked for anew. */
const MARGIN_MS = 60_000;

/** Keeps what a function has given until that has expired. */
export class CredentialSource<T extends object> {
  readonly #given: Credential<T>;
  #current: T | null = null;
  #expiresAt = Infinity;
  /** All who need one while it is asked for wait for the same. */
  #asked: Promise<T> | null = null;

  constructor(given: Credential<T>) {
    if (typeof given !== "function" && (typeof given !== "object" || given === null)) {
      throw new StorageError("CONFIG", "Cannot use bucket: expected credentials, or a function that gives them");
    }
    this.#given = given;
  }

  /** A `RequestError` when the function fails, or has not answered when `signal` is aborted. */
  async get(signal?: AbortSignal): Promise<T> {
    if (this.#current !== null && !(Date.now() > this.#expiresAt - MARGIN_MS)) return this.#current;
    const asked = this.#asked ??= this.#ask();
    try {
      return await unlessAborted(asked, signal);
    } finally {
      if (signal?.aborted && this.#asked === asked) this.#asked = null; // the next one asks anew: this may never be answered
    }
  }

  async #ask(): Promise<T> {
    try {
      const credential = await (typeof this.#given === "function" ? this.#given() : this.#given);
      const { expiration } = credential as { expiration?: Date };
      this.#expiresAt = expiration === undefined ? Infinity : Number(new Date(expiration));
      return this.#current = credential;
    } catch (cause) {
      throw cause instanceof StorageError ? cause : failed(`the function that gives them has failed: ${cause}`, cause);
    } finally {
      this.#asked = null;
    }
  }

  /** The server says that this one has expired. Whether another can be had. */
  expire(refused: T): boolean {
    // Others may have been told before, and have asked for the one there is now.
    if (this.#current === refused) this.#current = null;
    return typeof this.#given === "function";
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(failed("the function that gives them has not answered in time", signal.reason));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function failed(why: string, cause: unknown): RequestError {
  return new RequestError(`Cannot get credentials: ${why}`, { isTransient: true, mayHaveHappened: false, cause });
}
