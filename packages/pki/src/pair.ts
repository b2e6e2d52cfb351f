/** Where the key of a certificate may lie when it is not where a configuration says (S-12, S-475). */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Certificate } from "./cert.ts";
import { PkiError } from "./errors.ts";
import { readFile } from "./files.ts";
import { readPrivateKey, samePublicKey } from "./keys.ts";

/** The spelling of the guides' listings: `b1-key.acme.example.pem` for `b1.acme.example`; undefined without a domain. */
export function guideKeyName(base: string): string | undefined {
  const [short = base, ...domain] = base.split(".");
  return domain.length === 0 ? undefined : `${short}-key.${domain.join(".")}.pem`;
}

/** Files beside the certificate that could be its key, the likeliest first. */
function keyFilesBeside(certFile: string): string[] {
  const folder = path.dirname(certFile);
  const base = path.basename(certFile).replace(/\.(?:pem|crt|cer)$/, "");
  const named = [`${base}-key.pem`, guideKeyName(base) ?? "", "privkey.pem", "key.pem"].filter((name) => name !== "");
  const numbered = existsSync(folder) ? readdirSync(folder).filter((name) => /^privkey.*\.pem$/.test(name)) : [];
  return [...new Set([...named, ...numbered.sort()])].map((name) => path.join(folder, name));
}

/** The file that holds the certificate's key. */
export function findKeyBeside(certFile: string, certificate: Certificate): string | undefined {
  return keyFilesBeside(certFile).find((file) => {
    try {
      return existsSync(file) && samePublicKey(readPrivateKey(readFile(file)), certificate.publicKey);
    } catch (error) {
      if (error instanceof PkiError) return false;
      throw error;
    }
  });
}
