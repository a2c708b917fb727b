import { CompactSign, importPKCS8 } from "jose";
import { StorageError } from "../errors.ts";

const LIFETIME_S = 3600;

/** A statement of a service account that it is itself, good for an hour: a JWT (RFC 7523). `CONFIG` when the key is none. */
export async function signStatement(
  account: string,
  privateKey: string,
  audience: string,
  scope: string,
): Promise<string> {
  const key = await importPKCS8(privateKey, "RS256").catch((cause) => {
    throw new StorageError("CONFIG", `Cannot use service account ${account}: its private key is not one in PEM`, {
      cause,
    });
  });
  const now = Math.floor(Date.now() / 1000);
  const claims = { scope, iss: account, aud: audience, iat: now, exp: now + LIFETIME_S };
  // Not jose's SignJWT, which would be half a kilobyte more at the edge for what these are.
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .sign(key);
}
