// The check of a signature of AWS, version 4, from its documentation: "Signature Version 4 signing process", Amazon S3 API reference.

import { createHash, createHmac } from "node:crypto";
import { type Arrived, Refusal } from "./answers.ts";

/** Who may come. */
export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Its keys are good with this token alone. */
  readonly sessionToken?: string;
  /** Until when they are, by the server's time. */
  readonly expiresAt?: number;
}

const MOST_SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** Throws a `Refusal` unless the request is one of an account, made now, and arrived as it was signed. */
export function checkSignature(request: Arrived, accounts: readonly Account[], region: string, now: number): void {
  const { headers, body } = request;
  const parts = AUTHORIZATION.exec(headers.get("authorization") ?? "");
  if (parts === null) throw new Refusal(403, "AccessDenied", "not signed");
  const [, id, day, signedRegion, signedHeaders, signature] = parts;
  const account = accounts.find(({ accessKeyId }) => accessKeyId === id);
  if (account === undefined) throw new Refusal(403, "InvalidAccessKeyId");
  if (signedRegion !== region) {
    throw new Refusal(
      400,
      "AuthorizationHeaderMalformed",
      `the region '${signedRegion}' is wrong; expecting '${region}'`,
    );
  }
  const date = headers.get("x-amz-date") ?? "";
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Number.isNaN(time) || !date.startsWith(day)) throw new Refusal(403, "AccessDenied", `wrong date ${date}`);
  if (Math.abs(time - now) > MOST_SKEW_MS) throw new Refusal(403, "RequestTimeTooSkewed");
  if ((headers.get("x-amz-security-token") ?? undefined) !== account.sessionToken) {
    throw new Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  const hash = createHash("sha256").update(body).digest("hex");
  if (headers.get("x-amz-content-sha256") !== hash) throw new Refusal(400, "XAmzContentSHA256Mismatch");
  const names = signedHeaders.split(";");
  const unsigned = [...headers.keys()].filter((name) => /^(x-amz-|content-type$)/.test(name) && !names.includes(name));
  if (unsigned.length > 0) throw new Refusal(403, "AccessDenied", `headers that are not signed: ${unsigned}`);
  const key = [day, region, "s3", "aws4_request"].reduce(
    (key: string | Buffer, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${account.secretAccessKey}`,
  );
  const text = `AWS4-HMAC-SHA256\n${date}\n${day}/${region}/s3/aws4_request\n${
    sha256(canonical(request, names, hash))
  }`;
  if (createHmac("sha256", key).update(text).digest("hex") !== signature) {
    throw new Refusal(403, "SignatureDoesNotMatch");
  }
  if (account.expiresAt !== undefined && now > account.expiresAt) throw new Refusal(400, "ExpiredToken");
}

function canonical({ method, url, headers }: Arrived, names: readonly string[], hash: string): string {
  if (!names.includes("host") || names.join() !== [...names].sort().join()) {
    throw new Refusal(403, "AccessDenied", `wrong signed headers ${names}`);
  }
  const valueOf = (name: string) => name === "host" ? url.host : headers.get(name) ?? "";
  return [
    method,
    url.pathname.split("/").map((part) => encode(decodeURIComponent(part))).join("/"),
    [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join("&"),
    ...names.map((name) => `${name}:${valueOf(name).trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    hash,
  ].join("\n");
}

/** Everything but what RFC 3986 calls unreserved. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
