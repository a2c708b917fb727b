import { importPKCS8, SignJWT } from "jose";
import { StorageError } from "../errors.ts";

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
  return await new SignJWT({ scope })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(account)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(key);
}
