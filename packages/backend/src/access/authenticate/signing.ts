/** Keys that sign and check tokens (A-63, S-222, S-241). */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { invalid, SensuError } from "@sensu-ts/core";
import type { Kv } from "@sensu-ts/store";
import { CompactSign, compactVerify } from "jose";

/** 32 random bytes, shared by all backends of a cluster (B-1011). */
export const SECRET_KEY = "/sensu.io/authentication/secret";

const ALGORITHMS: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };

export interface SigningKeys {
  readonly secret: Uint8Array;
  /** Absent: tokens are signed with the secret. */
  readonly privateKey?: KeyObject;
  /** Also checks what other clusters with the same pair have signed. */
  readonly publicKey?: KeyObject;
  /** `ES256`, `ES384` or `ES512`; present with a public key. */
  readonly algorithm?: string;
}

/** Reads the cluster's secret; the first backend makes it. */
export async function readSecret(kv: Kv): Promise<Uint8Array> {
  for (;;) {
    const entry = await kv.get(SECRET_KEY);
    if (entry) return entry.value;
    await kv.txn([{ key: SECRET_KEY, modRevision: 0 }], [{ op: "put", key: SECRET_KEY, value: randomBytes(32) }]);
  }
}

/** Throws `invalid` with a text that tells what is wrong, never with key material. Either text may be absent. */
export function readKeyPair(privatePem?: string, publicPem?: string): Omit<SigningKeys, "secret"> {
  if (publicPem === undefined) {
    if (privatePem === undefined) return {};
    throw invalid("a public key is required when specifying a private key");
  }
  const publicKey = parseKey("public", () => createPublicKey(publicPem));
  const algorithm = algorithmOf(publicKey);
  if (privatePem === undefined) return { publicKey, algorithm };
  // A block of EC parameters may stand in front of the key; Node's parser wants the key alone.
  const pem = privatePem.replace(/-----BEGIN EC PARAMETERS-----[\s\S]*?-----END EC PARAMETERS-----\s*/, "");
  const privateKey = parseKey("private", () => createPrivateKey(pem));
  const derived = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  if (!derived.equals(publicKey.export({ type: "spki", format: "der" }))) {
    throw invalid("could not load the key pair for the JWT signature: the public key belongs to another private key");
  }
  return { privateKey, publicKey, algorithm };
}

function parseKey(half: string, read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw invalid(`could not load the key pair for the JWT signature: no usable ${half} key`, cause);
  }
}

function algorithmOf(key: KeyObject): string {
  const algorithm = ALGORITHMS[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (algorithm) return algorithm;
  throw invalid("could not load the key pair for the JWT signature: the key must be on curve P-256, P-384 or P-521");
}

export async function signClaims(keys: SigningKeys, claims: object): Promise<string> {
  const alg = keys.privateKey ? (keys.algorithm ?? "ES256") : "HS256";
  const body = new TextEncoder().encode(JSON.stringify(claims));
  return new CompactSign(body).setProtectedHeader({ alg, typ: "JWT" }).sign(keys.privateKey ?? keys.secret);
}

/** Checks the signature only, not the times. Throws `unauthenticated`. */
export async function readClaims(keys: SigningKeys, token: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { payload } = await compactVerify(
      token,
      ({ alg }) => {
        if (alg === "HS256") return keys.secret;
        if (keys.publicKey && alg === keys.algorithm) return keys.publicKey;
        throw new SensuError("unauthenticated");
      },
      { algorithms: ["HS256", "ES256", "ES384", "ES512"] },
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof claims === "object" && claims !== null) return claims as Record<string, unknown>;
  } catch (cause) {
    throw new SensuError("unauthenticated", undefined, { cause });
  }
  throw new SensuError("unauthenticated");
}
