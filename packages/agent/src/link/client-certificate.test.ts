import { X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { acceptedHeaders } from "@sensu-ts/core";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { MemoryLog, notFound } from "../fake-backend.ts";
import { ClientCertificate } from "./client-certificate.ts";
import { Link } from "./link.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const folder = mkdtempSync(path.join(tmpdir(), "client-certificate-"));
const ca = TestCa.root();
const trustedCaFile = ca.write(folder);
const lasting = (ms: number) => ca.issue({ cn: "web-01", notAfter: new Date(Date.now() + ms) });

let server: Server;
/** Serials of the certificates that were shown, one a session. */
const shown: string[] = [];
let renewals = 0;
beforeAll(async () => {
  const pair = ca.issueServer();
  server = createServer({ cert: pair.pem, key: pair.keyPem, ca: ca.pem, requestCert: true });
  const sockets = new WebSocketServer({ server });
  sockets.on("headers", (headers) => {
    for (const [name, value] of acceptedHeaders("protobuf", "b1")) headers.push(`${name}: ${value}`);
  });
  sockets.on("connection", (socket, request) => {
    const { raw } = (request.socket as TLSSocket).getPeerCertificate();
    shown.push(new X509Certificate(raw).serialNumber);
    socket.send(notFound());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** An agent's link with the certificate in `web-01.pem`. */
async function connect(pair: TestPair) {
  const files = pair.write(folder, "web-01");
  const tls = { trustedCaFile, ...files };
  const log = new MemoryLog();
  shown.length = 0;
  renewals = 0;
  const link = new Link({
    settings: {
      urls: [`wss://127.0.0.1:${(server.address() as AddressInfo).port}`],
      tls,
      handshakeTimeoutMs: 5000,
      heartbeatIntervalMs: 10_000,
      heartbeatTimeoutMs: 15_000,
      retry: { minMs: 60_000, maxMs: 60_000, multiplier: 2 },
      maxSessionMs: 0,
    },
    identity: { name: "web-01", namespace: "default", subscriptions: [] },
    keepaliveInterval: 20,
    agentManaged: false,
    log,
    owner: {
      reset: () => undefined,
      entityConfig: () => undefined,
      checkRequest: () => undefined,
      acknowledged: () => undefined,
      keepalive: () => {
        throw new Error("none here");
      },
    },
  });
  const certificate = new ClientCertificate({
    tls,
    inSession: () => link.certificate,
    renewSession: () => {
      renewals++;
      link.renew();
    },
    log,
    now: Date.now,
    pollMs: 20,
  });
  stop = async () => {
    await certificate.stop();
    await link.stop();
  };
  await certificate.start();
  link.start();
  await expect.poll(() => shown).toEqual([pair.serial]);
  await expect.poll(() => link.certificate?.notAfter).toBe(pair.certificate.notAfter.getTime());
  return { files, log, certificate };
}

test("a replaced pair is shown at once when less than a day is left of the session's own (S-151)", async () => {
  const old = lasting(23 * HOUR);
  const { certificate, log } = await connect(old);
  const renewed = lasting(90 * DAY);
  renewed.write(folder, "web-01");
  await expect.poll(() => shown).toEqual([old.serial, renewed.serial]);
  expect(certificate.inFile?.serial).toBe(renewed.serial);
  // The agreed end of a session: no error, no waiting.
  expect(log.errors("transport receive error")).toEqual([]);
});

test("half a pair is waited for; a pair that ends no later, or a session with a day to go, changes nothing", async () => {
  const old = lasting(23 * HOUR);
  const { files, log } = await connect(old);
  const renewed = lasting(90 * DAY);
  writeFileSync(files.certFile, renewed.pem);
  await expect
    .poll(() => log.errors("the client certificate has changed and cannot be used yet").length)
    .toBeGreaterThan(0);
  expect(shown).toEqual([old.serial]);
  writeFileSync(files.keyFile, renewed.keyPem);
  await expect.poll(() => shown).toEqual([old.serial, renewed.serial]);
  await stop();

  for (const [first, second] of [
    [lasting(23 * HOUR), lasting(22 * HOUR)],
    [lasting(25 * HOUR), lasting(90 * DAY)],
  ] as const) {
    const { certificate } = await connect(first);
    second.write(folder, "web-01");
    // Judged in the same breath in which the new one is taken over.
    await expect.poll(() => certificate.inFile?.serial).toBe(second.serial);
    expect(renewals).toBe(0);
    await stop();
  }
});

test.each([
  [90 * DAY + HOUR, "info", "the client certificate is valid for 90 days"],
  [30 * DAY, "warning", "the client certificate expires in 29 days"],
  [7 * DAY, "error", "the client certificate expires in 6 days"],
  [DAY + HOUR, "error", "the client certificate expires in 1 day"],
  [-HOUR, "error", "the client certificate has expired"],
])("with %i ms left the start logs %s: %s (S-152)", async (left, level, message) => {
  const pair = ca.issue({ notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + left) });
  const log = new MemoryLog();
  const tls = pair.write(folder, `left-${left}`);
  const certificate = new ClientCertificate({
    ...{ tls, log, now: Date.now },
    inSession: () => undefined,
    renewSession: () => undefined,
  });
  stop = () => certificate.stop();
  await certificate.start();
  expect(log.lines).toEqual([
    { level, message, fields: expect.objectContaining({ path: tls.certFile, serial: pair.serial }) },
  ]);
});

test("a key in the guide's spelling is found and told once (S-475)", async () => {
  const log = new MemoryLog();
  const pair = lasting(90 * DAY);
  const { certFile, keyFile } = pair.write(folder, "web.lab.test");
  const guides = path.join(folder, "web-key.lab.test.pem");
  renameSync(keyFile, guides);
  const certificate = new ClientCertificate({
    ...{ tls: { certFile, keyFile }, log, now: Date.now, pollMs: 20 },
    inSession: () => undefined,
    renewSession: () => undefined,
  });
  stop = () => certificate.stop();
  await certificate.start();
  expect(certificate.inFile?.serial).toBe(pair.serial);
  const renewed = lasting(80 * DAY);
  writeFileSync(certFile, renewed.pem);
  writeFileSync(guides, renewed.keyPem);
  await expect.poll(() => certificate.inFile?.serial).toBe(renewed.serial);
  expect(log.lines.filter(({ level }) => level === "warning").map(({ message }) => message)).toEqual([
    `key-file ${keyFile} does not exist: ${guides} fits ${certFile} and is used instead`,
  ]);
});

test("a certificate that cannot be read stops nothing", async () => {
  const log = new MemoryLog();
  const tls = { certFile: path.join(folder, "none.pem"), keyFile: path.join(folder, "none-key.pem") };
  const certificate = new ClientCertificate({
    ...{ tls, log, now: Date.now, pollMs: 20 },
    inSession: () => undefined,
    renewSession: () => undefined,
  });
  stop = () => certificate.stop();
  await certificate.start();
  expect(log.errors("the client certificate cannot be used")[0]).toContain("none.pem");
  expect(certificate.inFile).toBeUndefined();
  const pair = lasting(90 * DAY);
  pair.write(folder, "none");
  await expect.poll(() => certificate.inFile?.serial).toBe(pair.serial);
});

test("a key in another spelling, and one that everybody can read, are told at start (S-404, S-475)", async () => {
  const { certFile, keyFile } = lasting(90 * DAY).write(folder, "web-02");
  const configured = path.join(folder, "web-02.key");
  chmodSync(keyFile, 0o644);
  const log = new MemoryLog();
  const certificate = new ClientCertificate({
    tls: { certFile, keyFile: configured },
    inSession: () => undefined,
    renewSession: () => undefined,
    ...{ log, now: Date.now },
  });
  stop = () => certificate.stop();
  await certificate.start();
  const warnings = log.lines.filter(({ level }) => level === "warning").map(({ message }) => message);
  expect(warnings).toEqual([
    `key-file ${configured} does not exist: ${keyFile} fits ${certFile} and is used instead`,
    expect.stringContaining(`private key ${keyFile} is readable by everybody (mode 0644`),
  ]);
});
