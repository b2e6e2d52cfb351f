/** Files as editors, other programs and half-finished copies leave them: read, or refused in Go's words (S-114, S-115). */
import { execFileSync, spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, expect, test } from "vitest";
import { loadCa, loadClientPair, loadServerPair, unusable } from "./files.ts";

const folder = mkdtempSync(path.join(tmpdir(), "tls-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const ca = TestCa.root();
const pair = ca.issueServer();
const rsa = ca.issueServer({ key: "rsa2048" });
const ed25519 = ca.issueServer({ key: "ed25519" });
const other = ca.issueServer();
const relabelled = (pem: string, label: string) => pem.replace(/(BEGIN|END) [A-Z0-9 ]+/g, `$1 ${label}`);
const withHeaders = (pem: string) => pem.replace(/-----\n/, "-----\nComment: made by hand - twice\n\n");
const lines = (pem: string, change: (line: string) => string) => pem.split("\n").map(change).join("\n");
const openssl = (...args: string[]) => execFileSync("openssl", args, { input: rsa.keyPem, encoding: "utf8" });

function load(cert: string, key: string) {
  const [certFile, keyFile] = [path.join(folder, "b1.crt"), path.join(folder, "b1.key")];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return loadServerPair({ certFile, keyFile });
}

const pkcs8 = String(createPrivateKey(rsa.keyPem).export({ type: "pkcs8", format: "pem" }));
const readable: readonly (readonly [string, string, string])[] = [
  ["CRLF", lines(pair.pem, (line) => `${line}\r`), lines(pair.keyPem, (line) => `${line}\r`)],
  ["a byte order mark", `\uFEFF${pair.pem}`, `\uFEFF${pair.keyPem}`],
  ["text around the blocks, with dashes in it", `-- b1 - - -\n${pair.pem}-- end`, `-- b1 - - -\n${pair.keyPem}`],
  ["headers in the blocks", withHeaders(pair.pem), withHeaders(pair.keyPem)],
  ["indentation", lines(pair.pem, (line) => `    ${line}`), lines(pair.keyPem, (line) => `    ${line}`)],
  ["both in one file, key first", pair.keyPem + pair.pem, pair.keyPem + pair.pem],
  ["another certificate that is cut off behind", pair.pem + other.pem.slice(0, 300), pair.keyPem],
  ["another certificate that is no base64 before", other.pem.replace(/\n.....\n?/, "\n!!!!!") + pair.pem, pair.keyPem],
  ["PKCS#8 labelled as PKCS#1", rsa.pem, relabelled(pkcs8, "RSA PRIVATE KEY")],
  ["PKCS#1 labelled as PKCS#8", rsa.pem, relabelled(rsa.keyPem, "PRIVATE KEY")],
  ["a label that OpenSSL does not know", ed25519.pem, relabelled(ed25519.keyPem, "ED25519 PRIVATE KEY")],
  ["curve parameters before the key", pair.pem, `${relabelled(pair.pem, "EC PARAMETERS")}${pair.keyPem}`],
];
test.each(readable)("a pair with %s is read", (_what, cert, key) => {
  const { leaf, key: read } = load(cert, key);
  expect(leaf.checkPrivateKey(createPrivateKey(read))).toBe(true);
});

const cutKey = pair.keyPem.slice(0, -40);
const unreadable: readonly (readonly [string, string, string, string])[] = [
  [
    "certificate and key changed places",
    pair.keyPem,
    pair.pem,
    "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
  ],
  [
    "a certificate for a key",
    pair.pem,
    pair.pem,
    "tls: found a certificate rather than a key in the PEM for the private key",
  ],
  [
    "another label on the certificate",
    relabelled(pair.pem, "TRUSTED CERTIFICATE"),
    pair.keyPem,
    'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [TRUSTED CERTIFICATE]',
  ],
  [
    "a public key for a private one",
    pair.pem,
    String(new X509Certificate(pair.pem).publicKey.export({ type: "spki", format: "pem" })),
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [PUBLIC KEY]',
  ],
  ["a key that is cut off", pair.pem, cutKey, "tls: failed to find any PEM data in key input"],
  ["a certificate in DER", "\x30\x82", pair.keyPem, "tls: failed to find any PEM data in certificate input"],
  [
    "an encrypted key",
    rsa.pem,
    openssl("pkcs8", "-topk8", "-passout", "pass:x"),
    "tls: failed to parse private key [it is encrypted: ",
  ],
  [
    "a key encrypted in the old way",
    rsa.pem,
    openssl("rsa", "-traditional", "-aes128", "-passout", "pass:x"),
    "tls: failed to parse private key [it is encrypted: ",
  ],
  [
    "bytes that are no key",
    pair.pem,
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "tls: failed to parse private key [",
  ],
  [
    "bytes that are no certificate",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    pair.keyPem,
    "x509: malformed certificate",
  ],
];
test.each(unreadable)("a pair with %s is refused", (_what, cert, key, says) => {
  expect(() => load(cert, key)).toThrow(`Error loading tls server certificate: ${says}`);
});

test("what a store serves may be weaker than what we do; a client of ours could not show it", () => {
  const { pem, keyPem } = ca.issueServer({ key: "rsa1024" });
  const { keyFile, leaf } = load(pem, keyPem);
  const weak = "x509: RSA key of 1024 bits is too weak, it needs 2048";
  expect(unusable(leaf)).toBe(weak);
  expect(() => loadClientPair({ certFile: path.join(folder, "b1.crt"), keyFile })).toThrow(
    `Error loading tls client certificate: ${weak} [`,
  );
});

test("a key from a pipe is read; a pipe that nobody writes to is refused, not waited for", async () => {
  const { certFile } = pair.write(folder, "piped");
  const keyFile = path.join(folder, "piped.key");
  execFileSync("mkfifo", [keyFile]);
  expect(() => loadServerPair({ certFile, keyFile })).toThrow("tls: failed to find any PEM data in key input");
  // Holds what is written until it is read.
  const held = openSync(keyFile, constants.O_RDONLY | constants.O_NONBLOCK);
  const end = openSync(keyFile, "w");
  const writer = spawn("sh", ["-c", 'printf %s "$0"', pair.keyPem], { stdio: ["ignore", end, "inherit"] });
  const ended = once(writer, "exit");
  closeSync(end);
  expect(loadServerPair({ certFile, keyFile }).leaf.serialNumber).toBe(pair.serial);
  await ended;
  closeSync(held);
});

test("an error about a file is one line in Go's words, without Node's", () => {
  const missing = path.join(folder, "none.pem");
  const error = (() => {
    try {
      return loadCa(missing);
    } catch (thrown) {
      return thrown as Error;
    }
  })();
  expect(error).toMatchObject({ message: `Error reading CA file: open ${missing}: no such file or directory` });
  expect(error).not.toHaveProperty("cause");
});

test.each([
  ["a byte order mark", `\uFEFF${ca.pem}`, 1],
  ["headers", withHeaders(ca.pem), 1],
  ["a key and a block cut off before", `${pair.keyPem}${other.pem.slice(0, 300)}\n${ca.pem}`, 1],
])("a bundle with %s is read", (_what, text, count) => {
  const file = path.join(folder, "bundle.pem");
  writeFileSync(file, text);
  expect(loadCa(file)).toHaveLength(count);
});

test("a bundle without anything that is a certificate is none", () => {
  const file = path.join(folder, "nothing.pem");
  writeFileSync(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect(() => loadCa(file)).toThrow(`No certificates could be parsed out of ${file}`);
});
