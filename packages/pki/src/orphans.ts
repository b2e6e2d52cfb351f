/** What a new CA leaves behind (S-477). */
import { readdirSync } from "node:fs";
import path from "node:path";
import { type Certificate, isIssuedBy, readCertificate } from "./cert.ts";
import { PkiError } from "./errors.ts";
import { readFile } from "./files.ts";

/** The certificate in the text or file; undefined when it holds none. */
function read(source: () => string): Certificate | undefined {
  try {
    return readCertificate(source());
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}

/** Names of the certificates beside `caFile` that its present CA signed and the CA of `nextPem` does not vouch for. */
export function orphans(caFile: string, nextPem: string): string[] {
  const present = read(() => readFile(caFile));
  const next = read(() => nextPem);
  if (present?.ca === undefined || next?.ca === undefined) return [];
  const directory = path.dirname(caFile);
  return readdirSync(directory)
    .filter((name) => name.endsWith(".pem") && !name.endsWith("-key.pem") && name !== path.basename(caFile))
    .filter((name) => {
      const certificate = read(() => readFile(path.join(directory, name)));
      return certificate !== undefined && isIssuedBy(certificate, present) && !isIssuedBy(certificate, next);
    })
    .sort();
}
