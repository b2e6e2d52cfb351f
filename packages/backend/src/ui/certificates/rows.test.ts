import { execFileSync } from "node:child_process";
import type { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { privateKeyPem } from "@sensu-ts/pki";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, expect, test } from "vitest";
import type { KnownCertificate, KnownCrl, MeasuredCertificate } from "../ports.ts";
import type { CertificateRow } from "../wire.ts";
import { certificatesPort } from "./adapter.ts";
import { certificatesIn } from "./parsed.ts";
import { certificateRows } from "./rows.ts";

const DAY = 86_400_000;
/** A minute ahead, so that what OpenSSL signs meanwhile is valid. */
const NOW = Date.now() + 60_000;
const ca = TestCa.root({ notAfter: new Date(NOW + 60 * DAY) });
const folder = mkdtempSync(path.join(tmpdir(), "rows-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, "ca.key"), privateKeyPem(ca.key), { mode: 0o600 });
const short = { notAfter: new Date(NOW + 50 * DAY) };

function chainOf(pem: string) {
  const chain = certificatesIn(pem);
  const leaf = chain[0] as X509Certificate;
  return { chain, fingerprint: leaf.fingerprint256, notAfter: leaf.validToDate.getTime() };
}

function server(pair: TestPair, more: Partial<KnownCertificate> = {}): KnownCertificate {
  return {
    ...{ role: "server", option: "cert-file", address: "[::]:8080", namespace: "", entity: "", file: "/tls/b1.pem" },
    ...chainOf(pair.chainPem),
    ...{ onDisk: pair.chainPem, keyFits: true, hosts: [], revoked: false, seenAt: 0 },
    ...more,
  };
}
const agent = (pair: TestPair, entity: string, more: Partial<KnownCertificate> = {}) =>
  server(pair, { role: "agent", option: "", file: "", namespace: "default", entity, seenAt: NOW, ...more });
const authority = (pem: string): KnownCertificate => ({
  ...server(ca.issue()),
  ...chainOf(pem),
  role: "ca",
  onDisk: pem,
});

async function rows(
  certificates: readonly KnownCertificate[],
  crls: readonly KnownCrl[] = [],
  measured: readonly MeasuredCertificate[] = [],
) {
  const source = {
    backend: "b1",
    certificates: async () => certificates,
    crls: () => crls,
    reminderMs: () => 30 * DAY,
  };
  return (await certificateRows(source, measured, () => true, NOW)).rows;
}
const codes = (row: CertificateRow | undefined) => row?.problems.map(({ code }) => code);

test("a row tells what the certificate says and what is sent with it, and holds no key", async () => {
  const below = ca.intermediate({ cn: "Sub CA", ...short });
  const pair = below.issueServer({ cn: "b1.test", san: ["b1.test", "10.0.0.1"], key: "rsa2048", ...short });
  const [row] = await rows([server(pair), authority(ca.pem)]);
  expect(row).toMatchObject({
    ...{ role: "server", option: "cert-file", backend: "b1", address: "[::]:8080", file: "/tls/b1.pem" },
    ...{ subject: "CN=b1.test", issuer: "CN=Sub CA", sans: ["b1.test", "10.0.0.1"], chain: ["CN=Sub CA"] },
    ...{ serial: pair.serial, key: { algorithm: "rsa", bits: 2048 }, problems: [] },
    not_after: Math.floor((NOW + 50 * DAY) / 1000),
  });
  expect(row?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(row).not.toHaveProperty("on_disk");
  expect(JSON.stringify(row)).not.toContain("PRIVATE KEY");
});

test("the guide's agent certificate, whose only name is empty, is read", async () => {
  const [row] = await rows([agent(ca.issue({ san: [""], ...short }), "web-01")]);
  expect(row).toMatchObject({ sans: [], problems: [], entity: "web-01", seen_at: Math.floor(NOW / 1000) });
});

const publicCa = TestCa.root({ cn: "Public root" }).intermediate({ cn: "Public CA" });
const atIssuer = { issuerUrls: ["http://public.test/ca.cer"] };
/** Served without its intermediate. */
const truncated = (pair: TestPair) => server(pair, { ...chainOf(pair.pem), onDisk: pair.pem });

/** A certificate of `ca`, signed by OpenSSL: our own PKI signs nothing with SHA-1. */
function signedWith(digest: string): KnownCertificate {
  const openssl = (...argv: readonly string[]) => execFileSync("openssl", argv, { cwd: folder, encoding: "utf8" });
  openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "old.key", "-subj", "/CN=old", "-out", "old.csr");
  const signer = ["-CA", ca.write(folder), "-CAkey", "ca.key", "-CAcreateserial"];
  const pem = openssl("x509", "-req", `-${digest}`, "-in", "old.csr", ...signer, "-days", "40");
  return server(good, { ...chainOf(pem), onDisk: pem });
}

const good = ca.issueServer({ cn: "b1.test", san: ["b1.test", "::1"], ...short });
const usable = ca.issue({ cn: "agent", ...short });
test.each<[string, KnownCertificate]>([
  ["expired", server(ca.issueServer({ notBefore: new Date(NOW - 2 * DAY), notAfter: new Date(NOW - DAY) }))],
  ["not_yet_valid", server(ca.issueServer({ notBefore: new Date(NOW + DAY), ...short }))],
  ["outlives_ca", server(ca.issueServer({ notAfter: new Date(NOW + 61 * DAY) }))],
  ["name_missing", server(good, { hosts: ["b1.test", "b2.test"] })],
  ["not_loaded", server(good, { onDisk: ca.issueServer(short).chainPem })],
  ["key_does_not_fit", server(good, { keyFits: false })],
  ["no_client_auth", agent(ca.issue({ usage: "server", ...short }), "web-01")],
  [
    "no_client_auth",
    server(ca.issueServer({ usage: "server", ...short }), { role: "store", option: "etcd-cert-file" }),
  ],
  ["refused", server(good, { refusal: "x509: certificate signed by unknown authority" })],
  ["weak_key", server(ca.issueServer({ key: "rsa1024", ...short }))],
  ["revoked", agent(usable, "web-01", { revoked: true })],
  ["chain_incomplete", truncated(publicCa.issueServer({ ...short, ...atIssuer }))],
  ["sha1", signedWith("sha1")],
])("%s is found", async (code, certificate) => {
  const row = (await rows([certificate, authority(ca.pem)])).find(({ role }) => role !== "ca");
  expect(codes(row)).toEqual([code]);
});

test("of a pair of the store it is told whether other members would let it in (U-320)", async () => {
  const caFile = ca.write(folder);
  const port = certificatesPort({
    ...{ backend: "b1", listeners: [], caFiles: [], agents: () => [], crls: () => [], reminderMs: () => 0 },
    store: [
      ["etcd-cert-file", ca.issueServer({ usage: "both", ...short })],
      ["etcd-peer-cert-file", TestCa.root({ cn: "Other CA" }).issueServer({ usage: "both", ...short })],
    ].map(([option, pair]) => ({
      ...(pair as TestPair).write(folder, option as string),
      ...{ option: option as string, caFile, hosts: [] },
    })),
  });
  const found = (await certificateRows(port, [], () => true, NOW)).rows;
  expect(Object.fromEntries(found.map((row) => [row.option, row.problems.map(({ text }) => text)]))).toEqual({
    "etcd-cert-file": [],
    "etcd-peer-cert-file": ["other members would refuse it: x509: certificate signed by unknown authority"],
  });
});

test.each<[string, KnownCertificate]>([
  [
    "an etcd pair whose usage is told of already",
    server(good, { refusal: "x509: certificate specifies an incompatible key usage" }),
  ],
  ["names and addresses that are covered", server(good, { hosts: ["b1.test", "[::1]", "::1"] })],
  ["an agent's certificate for everything", agent(ca.issue({ usage: "none", ...short }), "web-01")],
  ["an etcd pair for both sides", server(ca.issueServer({ usage: "both", ...short }), { role: "store" })],
  ["the same certificate of one agent twice", agent(usable, "web-01")],
  ["a public certificate with its intermediate", server(publicCa.issueServer({ ...short, ...atIssuer }))],
  ["a private root that is not at hand", truncated(publicCa.issueServer(short))],
  ["a signature by SHA-256", signedWith("sha256")],
])("%s is no problem", async (_, certificate) => {
  const [row] = await rows([certificate, certificate, authority(ca.pem)]);
  expect(codes(row)).toEqual([]);
});

test("a certificate shown by two agents is told of at both", async () => {
  const found = await rows([agent(usable, "web-01"), agent(usable, "web-02"), agent(ca.issue(short), "web-03")]);
  expect(found.map(codes)).toEqual([["shared"], ["shared"], []]);
});

test("a renewed file that is not in use yet shows both dates", async () => {
  const renewed = ca.issueServer({ notAfter: new Date(NOW + 55 * DAY) });
  const [row] = await rows([server(good, { onDisk: renewed.chainPem })]);
  expect(row?.on_disk).toEqual({ serial: renewed.serial, not_after: Math.floor((NOW + 55 * DAY) / 1000) });
  expect(row?.not_after).toBe(Math.floor((NOW + 50 * DAY) / 1000));
});

test("a revocation list counts until its next update", async () => {
  const crl = (nextUpdate: number): KnownCrl => ({
    ...{ option: "agent-auth-crl-urls", source: "http://pki/ca.crl", issuer: "CN=Test CA", thisUpdate: NOW - DAY },
    nextUpdate,
  });
  const found = await rows([], [crl(NOW + DAY), crl(NOW - 1), crl(0)]);
  expect(found.map(codes)).toEqual([[], ["crl_out_of_date"], []]);
  expect(found[0]).toMatchObject({ role: "crl", file: "http://pki/ca.crl", issuer: "CN=Test CA" });
});

test("what a check measured has a row beside the others, in its place", async () => {
  const measured = { namespace: "default", entity: "web", check: "tls", subject: "host=a.test", seenAt: NOW };
  const found = await rows(
    [server(good)],
    [],
    [
      { ...measured, notAfter: NOW - DAY },
      { ...measured, notAfter: NOW + 55 * DAY },
    ],
  );
  expect(found.map(({ role, option, entity }) => `${role} ${option} ${entity}`)).toEqual([
    "check tls web",
    "server cert-file ",
    "check tls web",
  ]);
  expect(found.map(codes)).toEqual([["expired"], [], []]);
});

test("beyond a thousand the ones that end first are shown, the others counted", async () => {
  const many = Array.from({ length: 1100 }, (_, i) => ({ ...agent(usable, `web-${i}`), notAfter: NOW + (2000 - i) }));
  const source = { backend: "b1", certificates: async () => many, crls: () => [], reminderMs: () => 0 };
  const { rows, left_out } = await certificateRows(source, [], ({ role }) => role === "agent", NOW);
  expect(rows).toHaveLength(1000);
  expect(rows[0]?.entity).toBe("web-1099");
  expect(left_out).toBe(100);
});
