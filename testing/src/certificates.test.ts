/** OpenSSL reads what the test PKI makes, and judges each odd certificate as its name says. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { type IssueOptions, selfSigned, TestCa, type TestPair } from "./certificates.ts";
import { temporaryFolder } from "./wait.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const ca = TestCa.root();
const intermediate = ca.intermediate();
const caFile = ca.write(folder.path);
const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8" });
}

function verify(pair: TestPair, ...more: string[]): string {
  const { certFile } = pair.write(folder.path, "leaf", { truncated: true });
  const { stdout, stderr } = spawnSync(
    "openssl",
    ["verify", "-CAfile", caFile, "-purpose", "sslclient", ...more, certFile],
    { encoding: "utf8" },
  );
  return stdout + stderr;
}

const VERDICTS: readonly [string, IssueOptions, RegExp][] = [
  ["right", {}, /: OK\n$/],
  ["rsa", { key: "rsa2048" }, /: OK\n$/],
  ["ed25519", { key: "ed25519" }, /: OK\n$/],
  // OpenSSL's command does not take "any" for "client": Go and S-175 do.
  ["any usage", { usage: "any" }, /unsuitable certificate purpose/],
  ["no usage", { usage: "none" }, /: OK\n$/],
  ["empty name", { san: [""] }, /: OK\n$/],
  ["no common name", { cn: "" }, /: OK\n$/],
  ["expired", { notBefore: at(-2), notAfter: at(-1) }, /certificate has expired/],
  ["not yet valid", { notBefore: at(1) }, /not yet valid/],
  ["wrong usage", { usage: "server" }, /unsuitable certificate purpose/],
];

test.for(VERDICTS)("%s", ([, options, verdict]) => {
  expect(verify(ca.issue(options))).toMatch(verdict);
});

test("a weak key is weak", () => {
  const weak = ca.issue({ key: "rsa1024" });
  expect(verify(weak)).toMatch(/: OK\n$/);
  expect(verify(weak, "-auth_level", "2")).toMatch(/EE certificate key too weak/);
});

test("nobody vouches for a self-signed one, or one of another CA", () => {
  expect(verify(selfSigned())).toMatch(/self-signed certificate/);
  expect(verify(TestCa.root({ cn: "Another" }).issue())).toMatch(/unable to get local issuer/);
});

test("a chain verifies with its intermediate only", () => {
  const pair = intermediate.issue();
  expect(verify(pair)).toMatch(/unable to get local issuer/);
  const { certFile } = pair.write(folder.path, "chain");
  expect(verify(pair, "-untrusted", certFile)).toMatch(/: OK\n$/);
});

test("names: several common names keep their order, the empty alternative name is one", () => {
  const { certFile } = ca.issue({ cn: ["first", "last"], san: [""] }).write(folder.path, "names");
  const text = openssl("x509", "-noout", "-text", "-in", certFile);
  expect(text).toMatch(/Subject: CN = first, CN = last\n/);
  expect(text).toMatch(/Alternative Name: *\n *DNS:\n/);
});

test("a revocation list names the revoked", () => {
  const [revoked, other] = [ca.issue(), ca.issue()];
  const crlFile = path.join(folder.path, "ca.crl");
  writeFileSync(crlFile, ca.crl([revoked]));
  const crl = path.join(folder.path, "ca.crl.pem");
  openssl("crl", "-inform", "DER", "-in", crlFile, "-out", crl);
  expect(verify(revoked, "-crl_check", "-CRLfile", crl)).toMatch(/certificate revoked/);
  expect(verify(other, "-crl_check", "-CRLfile", crl)).toMatch(/: OK\n$/);
});
