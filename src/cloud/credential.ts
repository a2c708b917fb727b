/** Something that opens a bucket, or a function that gives it, which may take its time and is asked again when it has expired. */
export type Credential<T> = T | (() => T | Promise<T>);

/** So much before it expires a credential is asked for anew. */
const MARGIN_MS = 60_000;

/** Keeps what a function has given until that has expired. */
export class CredentialSource<T> {
  readonly #given: Credential<T>;
  #current: Promise<T> | null = null;
  #expiresAt = Infinity;

  constructor(given: Credential<T>) {
    this.#given = given;
  }

  async get(): Promise<T> {
    if (this.#current === null || Date.now() > this.#expiresAt - MARGIN_MS) {
      const asked = this.#ask();
      this.#current = asked;
      asked.catch(() => {
        if (this.#current === asked) this.#current = null;
      });
    }
    return await this.#current;
  }

  async #ask(): Promise<T> {
    const value = typeof this.#given === "function" ? await (this.#given as () => T | Promise<T>)() : this.#given;
    const expiration = (value as { expiration?: Date } | null)?.expiration;
    this.#expiresAt = expiration === undefined ? Infinity : Number(expiration);
    return value;
  }

  /** The server says that it has expired. Whether another one can be had. */
  expire(): boolean {
    this.#current = null;
    return typeof this.#given === "function";
  }
}
