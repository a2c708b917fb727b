/** What a request may do. */
export type Access = "all" | "read-only";

const encoder = new TextEncoder();

/** Tells what the secret of a request lets it do, in a time that says nothing about the secrets that would. */
export class Gate {
  readonly #secrets: readonly { readonly secret: string; readonly access: Access }[];
  /** Made when they are first needed: on Workers nothing asynchronous may run before the first request. */
  #digests: Promise<{ readonly digest: Uint8Array; readonly access: Access }[]> | null = null;

  constructor(token: string | null, readOnlyToken: string | null) {
    this.#secrets = [
      ...token === null ? [] : [{ secret: token, access: "all" as const }],
      ...readOnlyToken === null ? [] : [{ secret: readOnlyToken, access: "read-only" as const }],
    ];
  }

  /** `null` for a request that may do nothing. */
  async admit(secret: string | null): Promise<Access | null> {
    if (this.#secrets.length === 0) return "all";
    if (secret === null) return null;
    this.#digests ??= Promise.all(this.#secrets.map(async ({ secret, access }) => {
      return { digest: await digestOf(secret), access };
    }));
    const [digest, digests] = await Promise.all([digestOf(secret), this.#digests]);
    let admitted: Access | null = null;
    for (const { digest: expected, access } of digests) if (isSame(digest, expected)) admitted = access;
    return admitted;
  }
}

/** Digests have one length and tell nothing of what they are of, so that comparing them leaks neither. */
async function digestOf(secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(secret)));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}
