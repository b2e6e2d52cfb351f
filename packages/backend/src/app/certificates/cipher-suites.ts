/** Names in `etcd-cipher-suites`: those of Go's TLS, which etcd reads (S-141). */
import { SensuError } from "@sensu-ts/core";

/** S-108, and the suites of TLS 1.3. */
const RECOMMENDED: readonly string[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  // Their older spelling.
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
];

/** CBC, static RSA, RC4, 3DES. */
const WEAK: readonly string[] = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
  "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_128_CBC_SHA",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA256",
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_RC4_128_SHA",
];

/** Throws for a name that etcd does not know; what comes back is to be warned of. */
export function checkCipherSuites(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !RECOMMENDED.includes(name) && !WEAK.includes(name));
  if (unknown !== undefined) {
    throw new SensuError(
      "invalid",
      `etcd-cipher-suites: unexpected TLS cipher suite ${JSON.stringify(unknown)}: names are like ${RECOMMENDED[4]}`,
    );
  }
  const weak = names.filter((name) => WEAK.includes(name));
  return weak.length === 0 ? [] : [`etcd-cipher-suites names weak ones: ${weak.join(", ")}`];
}
