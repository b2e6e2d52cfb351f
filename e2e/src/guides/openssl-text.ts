/** What OpenSSL sees in a certificate or request, without what differs from one issue to the next. */

/** Arguments of `openssl` that show a file's fields; another one shows the ASN.1 types of its strings and times. */
export function showCommands(file: string): readonly string[] {
  const kind = file.endsWith(".csr") ? "req" : "x509";
  return [`openssl ${kind} -noout -text -in '${file}'`, `openssl asn1parse -in '${file}'`];
}

/** OpenSSL's text without serial, key bits, identifiers and signature; dates as the span between them. */
export function comparableText(shown: string): string {
  const lines = shown.split("\n");
  const dates = lines
    .filter((line) => /Not (?:Before|After)/.test(line))
    .map((line) => Date.parse(line.replace(/^.*? : |^.*?: /, "")));
  const rest = lines.filter((line) => !/^\s+(?:[0-9a-fA-F]{2}:)*[0-9a-fA-F]{2}:?$|Not (?:Before|After)/.test(line));
  return [...rest, `lasts ${((dates[1] ?? 0) - (dates[0] ?? 0)) / 1000} s`].join("\n");
}

/** Depth, type and, where it is no number or bits, value of each element (S-37, S-38, S-48). */
export function comparableStructure(parsed: string): string {
  return parsed
    .split("\n")
    .map((line) => line.replace(/^\s*\d+:d=(\d+)\s+hl=\d+ l=\s*\d+ /, "$1 "))
    .map((line) => line.replace(/((?:INTEGER|UTCTIME|GENERALIZEDTIME|BIT STRING|OCTET STRING)\s*).*$/, "$1"))
    .join("\n");
}
