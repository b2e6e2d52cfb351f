/** Judgement of client certificates over real handshakes (S-175, S-52), and again while a connection lives (S-164). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { selfSigned, TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PeerVerifier } from "./peer.ts";
import { keepPeerChains } from "./peer-chain.ts";
import { testLog } from "./test-log.ts";

const folder = mkdtempSync(path.join(tmpdir(), "peer-"));
const root = TestCa.root({ cn: "root" });
const below = root.intermediate({ cn: "below" });
const deep = below.intermediate({ cn: "deep" });
const other = TestCa.root({ cn: "other" });
const namesake = TestCa.root({ cn: "root" });
const server = root.issueServer();
const DAY = 86_400_000;
const past = (days: number) => new Date(Date.now() - days * DAY);
const expired = root.intermediate({ cn: "expired", notBefore: past(9), notAfter: past(1) });

let port = 0;
let seen: PromiseWithResolvers<TLSSocket>;
const listener = createServer(
  { cert: server.pem, key: server.keyPem, ca: root.pem, requestCert: true, rejectUnauthorized: false },
  (socket) => {
    socket.on("error", () => undefined);
    seen.resolve(socket);
  },
);
beforeAll(async () => {
  keepPeerChains(listener);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  port = (listener.address() as { port: number }).port;
});
afterAll(() => {
  listener.close();
  rmSync(folder, { recursive: true });
});

let files = 0;
async function verifier(trusted: string) {
  const trustedCaFile = path.join(folder, `trusted-${files++}.pem`);
  writeFileSync(trustedCaFile, trusted);
  const log = testLog();
  const made = new PeerVerifier({
    trustedCaFile,
    option: "agent-auth-trusted-ca-file",
    revocation: { crlUrls: [], refreshMs: 600_000, hardFail: false, checkCertificates: false, stateDir: folder },
    log,
    // Tests look themselves.
    pollMs: 3_600_000,
  });
  await made.start();
  return { verifier: made, trustedCaFile, log };
}

async function connected(pair: TestPair | undefined, sent = pair?.chainPem): Promise<TLSSocket> {
  seen = Promise.withResolvers();
  const client = connect({
    ...{ port, host: "127.0.0.1", ca: root.pem },
    // This side would not send a weak key otherwise.
    ciphers: "DEFAULT@SECLEVEL=0",
    ...(pair ? { cert: sent, key: pair.keyPem } : {}),
  });
  client.on("error", () => undefined);
  return seen.promise;
}

async function verdict(pair: TestPair | undefined, trusted = root.pem, sent?: string) {
  const { verifier: judge } = await verifier(trusted);
  const socket = await connected(pair, sent ?? pair?.chainPem);
  try {
    const result = await judge.verify(socket);
    return result.ok ? `ok ${result.peer.commonName}` : `${result.reason} [${result.alert}]`;
  } finally {
    socket.destroy();
    await judge.stop();
  }
}

const UNKNOWN = "x509: certificate signed by unknown authority [unknown_ca]";
const USAGE = "x509: certificate specifies an incompatible key usage [unsupported_certificate]";
const leaf = root.issue({ cn: "web" });
const stranger = other.issue();
const underDeep = deep.issue({ cn: "deep-web" });

test.each<[string, TestPair | undefined, string | RegExp, { trusted?: string; sent?: string }?]>([
  ["right", leaf, "ok web"],
  ["client and server usage", root.issue({ usage: "both" }), "ok agent"],
  ["any extended usage", root.issue({ usage: "any" }), "ok agent"],
  ["no extended usage", root.issue({ usage: "none" }), "ok agent"],
  ["the guide's, with one empty name (S-52)", root.issue({ san: [""] }), "ok agent"],
  ["several common names: the last counts", root.issue({ cn: ["first", "last"] }), "ok last"],
  ["no common name", root.issue({ cn: "" }), "ok "],
  ["RSA", root.issue({ key: "rsa2048" }), "ok agent"],
  ["Ed25519", root.issue({ key: "ed25519" }), "ok agent"],
  ["two intermediates sent", underDeep, "ok deep-web"],
  [
    "intermediates in any order, with a stranger",
    underDeep,
    "ok deep-web",
    { sent: underDeep.pem + other.pem + below.pem + deep.pem },
  ],
  ["intermediates not sent", underDeep, UNKNOWN, { sent: underDeep.pem }],
  ["an intermediate in the trust file is enough", underDeep, "ok deep-web", { trusted: below.pem }],
  ["the certificate itself in the trust file", leaf, "ok web", { trusted: leaf.pem }],
  ["one of two authorities of the same name", leaf, "ok web", { trusted: namesake.pem + root.pem }],
  ["none", undefined, "tls: client didn't provide a certificate [certificate_required]"],
  ["of another authority", other.issue(), UNKNOWN],
  ["of an authority of the same name", namesake.issue(), UNKNOWN],
  ["of another authority, sent along", stranger, UNKNOWN, { sent: stranger.pem + other.pem }],
  ["self-signed", selfSigned(), UNKNOWN],
  [
    "too weak a key",
    root.issue({ key: "rsa1024" }),
    "x509: RSA key of 1024 bits is too weak, it needs 2048 [bad_certificate]",
  ],
  ["server usage only", root.issue({ usage: "server" }), USAGE],
  ["another usage", root.issue({ usage: "codeSigning" }), USAGE],
  [
    "expired",
    root.issue({ notBefore: past(9), notAfter: past(1) }),
    /^x509: certificate has expired or is not yet valid: current time \S+Z is after \S+Z \[certificate_expired\]$/,
  ],
  [
    "not yet valid",
    root.issue({ notBefore: past(-1) }),
    /^x509: certificate has expired or is not yet valid: current time \S+Z is before \S+Z \[certificate_expired\]$/,
  ],
  ["expired intermediate", expired.issue(), /has expired .* \(certificate of CN=expired\) \[certificate_expired\]$/],
])("a certificate that is: %s", async (_, pair, expected, { trusted, sent } = {}) => {
  const result = await verdict(pair, trusted, sent);
  if (typeof expected === "string") expect(result).toBe(expected);
  else expect(result).toMatch(expected);
});

test("what is known of a peer", async () => {
  const { verifier: judge } = await verifier(root.pem);
  const socket = await connected(underDeep);
  const result = await judge.verify(socket);
  expect(result).toMatchObject({
    ok: true,
    peer: { commonName: "deep-web", subject: "CN=deep-web", issuer: "CN=deep", serial: underDeep.serial },
  });
  expect(result.peer?.chain).toEqual([deep.certificate.der, below.certificate.der]);
  expect(result.peer?.notAfter).toBe(underDeep.certificate.notAfter.getTime());
  socket.destroy();
  await judge.stop();
});

test("a changed trust file is taken within a look, a bad one is not; a peer of an authority that is gone must go", async () => {
  const { verifier: judge, trustedCaFile, log } = await verifier(root.pem);
  const socket = await connected(leaf);
  const { peer } = await judge.verify(socket);
  if (!peer) throw new Error("not let in");
  expect(await judge.recheck(peer)).toBeUndefined();
  let changes = 0;
  judge.onChange(() => changes++);
  writeFileSync(trustedCaFile, "nonsense");
  await judge.poll();
  expect(log.lines).toContain("error: agent-auth-trusted-ca-file not reloaded, the present authorities stay");
  expect([changes, await judge.recheck(peer)]).toEqual([0, undefined]);
  writeFileSync(trustedCaFile, other.pem);
  await judge.poll();
  expect(changes).toBe(1);
  expect(await judge.recheck(peer)).toEqual({
    reason: "x509: certificate signed by unknown authority",
    alert: "unknown_ca",
  });
  socket.destroy();
  await judge.stop();
});

test("a trust file that cannot serve forbids the start", async () => {
  await expect(verifier("nonsense")).rejects.toThrowError(/^No certificates could be parsed out of /);
});
