import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { selfSigned, TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, afterEach, expect, test } from "vitest";
import { type ClientTls, clientTls, rememberPeer } from "./client.ts";
import { describeTlsError } from "./errors.ts";
import { requireSystemRoots, systemRoots } from "./roots.ts";

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * DAY);
const folder = mkdtempSync(path.join(tmpdir(), "tls-client-"));
afterAll(() => rmSync(folder, { recursive: true }));
const closing: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of closing.splice(0)) server.close();
});
const ca = TestCa.root();
const other = TestCa.root({ cn: "Other CA" });
const agents = TestCa.root({ cn: "Agents CA" });
const caFile = ca.write(folder);
const intermediate = ca.intermediate();

/** The text of a failed connection to a server that shows this certificate; "connected" when it does not fail. */
async function attempt(pair: TestPair, client: ClientTls, more: { host?: string; server?: tls.TlsOptions } = {}) {
  const cert = more.server?.cert ?? pair.chainPem;
  const server = tls.createServer({ key: pair.keyPem, ...more.server, cert }, (socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  server.on("tlsClientError", () => undefined);
  closing.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return attemptAt((server.address() as net.AddressInfo).port, client, more.host);
}

function attemptAt(port: number, client: ClientTls, host = "127.0.0.1"): Promise<string> {
  return new Promise((resolve) => {
    const lookup: net.LookupFunction = (_name, options, done) =>
      options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
    const request = https.get({ host, port, lookup, agent: false, ...clientTls(client) });
    request.on("socket", rememberPeer);
    request.on("response", (response) => {
      response.resume();
      resolve("connected");
    });
    request.on("error", (error) => {
      resolve(describeTlsError(error, { host, tls: client, socket: request.socket }) ?? `not TLS: ${error.message}`);
    });
  });
}

const trusting = { trustedCaFile: caFile };
const trustingIntermediate = { trustedCaFile: intermediate.write(folder, "intermediate") };
const pinned = ca.issueServer();
const trustingPinned = { trustedCaFile: pinned.write(folder, "pinned").certFile };
const expiredPair = ca.issueServer({ notBefore: at(-30), notAfter: at(-3) });
const futurePair = ca.issueServer({ notBefore: at(3), notAfter: at(30) });
const second = (date: Date) => `${date.toISOString().slice(0, 19)}Z`.replaceAll(".", "\\.");
const cases: readonly (readonly [string, TestPair, ClientTls, { host?: string; server?: tls.TlsOptions }, RegExp])[] = [
  ["right", ca.issueServer(), trusting, {}, /^connected$/],
  ["right, of an intermediate", intermediate.issueServer(), trusting, {}, /^connected$/],
  [
    "expired (S-409)",
    expiredPair,
    trusting,
    {},
    new RegExp(
      `^tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time \\S+Z is after ${second(expiredPair.certificate.notAfter)} \\[certificate of 127.0.0.1, subject CN=localhost, valid from .*sensu-pki renew\\]$`,
    ),
  ],
  [
    "not yet valid (S-409)",
    futurePair,
    trusting,
    {},
    new RegExp(
      `: current time \\S+ is before ${second(futurePair.certificate.notBefore)} \\[.*clocks of both hosts\\]$`,
    ),
  ],
  [
    "of an expired authority",
    TestCa.root({ cn: "Test CA", notBefore: at(-9), notAfter: at(-1) }).issueServer(),
    {},
    {},
    /signed by unknown authority/,
  ],
  [
    "of another authority (S-411)",
    other.issueServer(),
    trusting,
    {},
    /x509: certificate signed by unknown authority \[issuer "CN=Other CA" of the certificate of 127\.0\.0\.1 is not among trusted-ca-file .*ca\.pem: put its CA into that file/,
  ],
  [
    "of a private authority, system roots (S-411)",
    ca.issueServer(),
    {},
    {},
    /unknown authority \[issuer "CN=Test CA" .* is not among the system's roots: set trusted-ca-file/,
  ],
  [
    "self-signed (S-411)",
    selfSigned({ san: ["127.0.0.1"], usage: "server" }),
    trusting,
    {},
    /x509: certificate signed by unknown authority/,
  ],
  [
    "without its intermediate (S-99)",
    intermediate.issueServer(),
    trusting,
    { server: { cert: "leaf" } },
    /x509: certificate signed by unknown authority .*if it is an intermediate, the server's certificate file must hold it too/,
  ],
  [
    "of another name (S-410)",
    ca.issueServer({ san: ["a.test", "b.test", "10.0.0.1"] }),
    trusting,
    { host: "c.test" },
    /x509: certificate is valid for a\.test, b\.test, not c\.test \[.*sensu-pki issue backend --san c\.test/,
  ],
  [
    "of another address (S-410)",
    ca.issueServer({ san: ["a.test", "10.0.0.1"] }),
    trusting,
    {},
    /x509: certificate is valid for 10\.0\.0\.1, not 127\.0\.0\.1 \[/,
  ],
  [
    "without an address (S-412)",
    ca.issueServer({ san: ["a.test"] }),
    trusting,
    {},
    /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs \[/,
  ],
  [
    "with the name in its CN alone (S-98, S-113)",
    ca.issueServer({ cn: "c.test", san: [] }),
    trusting,
    { host: "c.test" },
    /x509: certificate relies on legacy Common Name field, use SANs instead \[/,
  ],
  [
    "with one empty name (S-52)",
    ca.issueServer({ cn: "c.test", san: [""] }),
    trusting,
    { host: "c.test" },
    /x509: certificate is not valid for any names, but wanted to match c\.test \[/,
  ],
  [
    "with the name in its CN and in a URI (S-113)",
    ca.issueServer({ cn: "c.test", san: ["https://c.test/"] }),
    trusting,
    { host: "c.test" },
    /x509: certificate is not valid for any names, but wanted to match c\.test \[/,
  ],
  [
    "with the address as a name (S-412)",
    ca.issueServer({ cn: "c.test", san: ["c.test"] }),
    trusting,
    {},
    /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs/,
  ],
  [
    "with the address in its CN alone",
    ca.issueServer({ cn: "127.0.0.1", san: [] }),
    trusting,
    {},
    /x509: certificate relies on legacy Common Name field, use SANs instead \[/,
  ],
  [
    "without any name, called by another than its CN",
    ca.issueServer({ cn: "c.test", san: [] }),
    trusting,
    { host: "d.test" },
    /x509: certificate is not valid for any names, but wanted to match d\.test \[/,
  ],
  [
    "for clients (S-413)",
    ca.issueServer({ usage: "client" }),
    trusting,
    {},
    /x509: certificate specifies an incompatible key usage \[/,
  ],
  ["whose intermediate is what is trusted", intermediate.issueServer(), trustingIntermediate, {}, /^connected$/],
  ["that is trusted itself", pinned, trustingPinned, {}, /^connected$/],
  ["wrong in every way, unchecked", expiredPair, { insecureSkipVerify: true }, { host: "c.test" }, /^connected$/],
  [
    "of TLS 1.1",
    ca.issueServer(),
    trusting,
    { server: { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } },
    /^(remote error: tls: protocol version not supported|tls: server selected unsupported protocol version) \[/,
  ],
  [
    "asking for a certificate that is not there",
    ca.issueServer(),
    trusting,
    { server: { requestCert: true, rejectUnauthorized: true, ca: agents.pem, maxVersion: "TLSv1.2" } },
    /^not TLS: |^remote error: tls: /,
  ],
];
test.each(cases)("a server's certificate: %s", async (_what, pair, client, more, text) => {
  const server = more.server?.cert === "leaf" ? { ...more.server, cert: pair.pem } : more.server;
  expect(await attempt(pair, client, { ...more, ...(server ? { server } : {}) })).toMatch(text);
});

test("a plaintext server (S-100)", async () => {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  closing.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  expect(await attemptAt(port, trusting)).toMatch(/^tls: first record does not look like a TLS handshake \[/);
});

test.each([
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "bad certificate"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "expired certificate"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "unknown certificate authority"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate required"],
])("the alert %s reads %s (S-181)", (code, text) => {
  const error = Object.assign(new Error("x"), { code });
  expect(describeTlsError(error, { host: "b1.test" })).toMatch(`remote error: tls: ${text} [b1.test `);
});

test("an alert about this side's certificate names its file and what to do", () => {
  const error = Object.assign(new Error("x"), { code: "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED" });
  const tls = { certFile: "/etc/sensu/tls/$&.pem", keyFile: "/etc/sensu/tls/a-key.pem" };
  expect(describeTlsError(error, { host: "b1.test", tls })).toMatch(
    /^remote error: tls: expired certificate \[b1\.test refuses the certificate \/etc\/sensu\/tls\/\$&\.pem: .* renew it, for instance with sensu-pki renew/,
  );
});

test.each([
  ["unhandled critical extension", "x509: unhandled critical extension"],
  ["invalid CA certificate", "parent certificate cannot sign this kind of certificate"],
  ["key usage does not include certificate signing", "parent certificate cannot sign this kind of certificate"],
  ["path length constraint exceeded", "x509: too many intermediates for path length constraint"],
  ["permitted subtree violation", "x509: a root or intermediate certificate is not authorized to sign for this name"],
  ["CA signature digest algorithm too weak", "x509: cannot verify signature: insecure algorithm"],
  ["EE certificate key too weak", "x509: RSA key is too weak"],
  ["something new", "x509: something new"],
])("what OpenSSL calls %s is told in Go's words (S-416)", (message, text) => {
  const said = describeTlsError(Object.assign(new Error(message), { code: "UNSPECIFIED" }), { host: "b1.test" });
  expect(said).toMatch(/^tls: failed to verify certificate: x509: .* \[certificate of b1\.test/);
  expect(said).toContain(text);
});

test("failures of other kinds are left to others", () => {
  expect(describeTlsError(Object.assign(new Error("x"), { code: "ECONNREFUSED" }), { host: "a" })).toBeUndefined();
});

test("a connection that ends without an answer may be about the certificate, where one was shown", () => {
  const error = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  expect(describeTlsError(error, { host: "b1.test" })).toBeUndefined();
  expect(describeTlsError(error, { host: "b1.test", tls: { certFile: "/a.pem", keyFile: "/a-key.pem" } })).toBe(
    "EOF [b1.test ended the connection without an answer: it may refuse the certificate /a.pem, its log says why]",
  );
});

test.each([
  [
    { trustedCaFile: `${folder}/none.pem` },
    `Error reading CA file: open ${folder}/none.pem: no such file or directory`,
  ],
  [{ trustedCaFile: "/dev/null" }, "No certificates could be parsed out of /dev/null"],
  [
    { certFile: "/none", keyFile: "/none" },
    "Error loading tls client certificate: open /none: no such file or directory",
  ],
])("%o cannot connect (S-115)", (source, text) => {
  expect(() => clientTls(source)).toThrow(text);
});

test("a key that everybody can read is not used under strictPermissions (S-404)", () => {
  const files = ca.issue().write(folder, "exposed");
  const source = { ...files, trustedCaFile: ca.write(folder, "exposed-ca"), strictPermissions: true };
  clientTls(source);
  chmodSync(files.keyFile, 0o644);
  expect(() => clientTls(source)).toThrow(
    `key-file: private key ${files.keyFile} is readable by everybody (mode 0644, owner ${process.getuid?.()}), which strict-permissions forbids`,
  );
  clientTls({ ...source, strictPermissions: false });
});

test("the system's roots are those of SSL_CERT_FILE and SSL_CERT_DIR; an added CA counts at once (S-92, S-479)", () => {
  const file = path.join(folder, "bundle.pem");
  const dir = path.join(folder, "certs");
  mkdirSync(dir);
  const env = { SSL_CERT_FILE: file, SSL_CERT_DIR: `${folder}/none:${dir}` };
  // A block that is no certificate does not hide what follows it.
  writeFileSync(file, `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ca.pem}`);
  writeFileSync(path.join(dir, "other.crt"), other.pem);
  symlinkSync("other.crt", path.join(dir, "0a1b2c3d.0"));
  expect(systemRoots(env).pem.slice(1)).toEqual([ca.pem, other.pem]);
  writeFileSync(file, ca.pem + agents.pem);
  expect(systemRoots(env).pem).toEqual([ca.pem, agents.pem, other.pem]);
});

test("the system's roots decide when no trusted-ca-file is given", async () => {
  const before = process.env["SSL_CERT_FILE"];
  const file = path.join(folder, "system.pem");
  process.env["SSL_CERT_FILE"] = file;
  try {
    writeFileSync(file, `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${other.pem}`);
    expect(await attempt(ca.issueServer(), {})).toMatch(/unknown authority/);
    writeFileSync(file, `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ca.pem}`);
    expect(await attempt(ca.issueServer(), {})).toBe("connected");
  } finally {
    if (before === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = before;
  }
});

test("a system without roots says so, and not that the server is wrong (S-492)", () => {
  const env = { SSL_CERT_FILE: `${folder}/no-bundle`, SSL_CERT_DIR: `${folder}/no-folder` };
  expect(() => requireSystemRoots(env)).toThrow(
    `this system has no roots of trust: none in ${folder}/no-bundle, ${folder}/no-folder [install the package ca-certificates, or set trusted-ca-file`,
  );
});
