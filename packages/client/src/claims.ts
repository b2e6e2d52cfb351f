export interface Claims {
  readonly sub?: string;
  readonly iss?: string;
  /** Unix seconds. */
  readonly exp?: number;
}

/** Claims of a JWT, not verified; empty when it cannot be read (C-38). */
export function readClaims(token: string): Claims {
  const payload = token.split(".")[1];
  if (payload === undefined) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Claims) : {};
  } catch {
    return {};
  }
}

export function currentUser(token: string): string {
  const { sub } = readClaims(token);
  return typeof sub === "string" ? sub : "";
}
