// Which pages may use a bucket, as S3 has it ("Elements of a CORS configuration", Amazon S3 user guide).

/** A rule, in the words of S3. */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders: readonly string[];
  readonly ExposeHeaders: readonly string[];
  readonly MaxAgeSeconds: number;
}

/** The answer to a browser that asks before it makes a request. */
export function preflight(rules: readonly CorsRule[], headers: Headers): Response {
  const method = headers.get("access-control-request-method") ?? "";
  const wanted = (headers.get("access-control-request-headers") ?? "").split(",").filter((name) => name !== "");
  const rule = ruleFor(rules, headers.get("origin"), method);
  const allows = (name: string) => rule!.AllowedHeaders.some((allowed) => sameName(allowed, name));
  if (rule === undefined || !wanted.every(allows)) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 200,
    headers: {
      "access-control-allow-origin": headers.get("origin")!,
      "access-control-allow-methods": rule.AllowedMethods.join(", "),
      "access-control-allow-headers": wanted.join(", "),
      "access-control-max-age": String(rule.MaxAgeSeconds),
    },
  });
}

/** What is added to the answer to a request, so that the page is shown it. */
export function corsHeaders(
  rules: readonly CorsRule[],
  origin: string | null,
  method: string,
): Record<string, string> {
  const rule = ruleFor(rules, origin, method);
  if (rule === undefined) return {};
  return {
    "access-control-allow-origin": origin!,
    "access-control-expose-headers": rule.ExposeHeaders.join(", "),
    vary: "Origin",
  };
}

function ruleFor(rules: readonly CorsRule[], origin: string | null, method: string): CorsRule | undefined {
  return rules.find(({ AllowedOrigins, AllowedMethods }) =>
    origin !== null && AllowedOrigins.includes(origin) && AllowedMethods.includes(method)
  );
}

function sameName(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
