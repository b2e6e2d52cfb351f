/** Where the key of a certificate may lie when it is not where a configuration says (S-12, S-475). */
import type { KeyObject } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { PkiError } from "./errors.ts";
import { readFile } from "./files.ts";
import { readPrivateKey, samePublicKey } from "./keys.ts";

/** The spelling of the guides' listings: `b1-key.acme.example.pem` for `b1.acme.example`; undefined without a domain. */
export function guideKeyName(base: string): string | undefined {
  const [short = base, ...domain] = base.split(".");
  return domain.length === 0 ? undefined : `${short}-key.${domain.join(".")}.pem`;
}

/** Files beside the certificate that could be its key, the likeliest first. */
export function keyFilesBeside(certFile: string): readonly string[] {
  const folder = path.dirname(certFile);
  const base = path.basename(certFile).replace(/\.(?:pem|crt|cer)$/, "");
  const named = [`${base}-key.pem`, guideKeyName(base) ?? "", "privkey.pem", "key.pem"].filter((name) => name !== "");
  return [...new Set([...named, ...numberedKeys(folder)])].map((name) => path.join(folder, name));
}

/** certbot's `privkey1.pem` and so on. What cannot be listed may still be opened by name. */
function numberedKeys(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^privkey.*\.pem$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** The file that holds the key of the certificate with this public key. */
export function findKeyBeside(certFile: string, publicKey: KeyObject): string | undefined {
  return keyFilesBeside(certFile).find((file) => holdsKeyOf(file, publicKey));
}

function holdsKeyOf(file: string, publicKey: KeyObject): boolean {
  try {
    return samePublicKey(readPrivateKey(readFile(file)), publicKey);
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}
