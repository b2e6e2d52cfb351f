import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer, PeerVerifier, ServerTlsSource } from "@sensu-ts/runtime";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { requireClientCertificate } from "./client-certificate.ts";

const folder = mkdtempSync(path.join(tmpdir(), "people-"));
afterAll(() => rmSync(folder, { recursive: true }));
const ca = TestCa.root();
const ada = ca.issue({ cn: "ada" });
const eve = ca.issue({ cn: "eve" });
const crlFile = path.join(folder, "ca.crl");
let now = Date.now();
let served = 0;
let port: number;
let closing: (() => unknown)[] = [];

beforeEach(async () => {
  now = Date.now();
  served = 0;
  writeFileSync(crlFile, ca.crl([]));
  const trustedCaFile = ca.write(folder);
  const files = ca.issueServer().write(folder, "server");
  const options = { option: "cert-file", keyOption: "key-file", log: silentLog, ...files };
  const source = new ServerTlsSource({ ...options, clientAuth: { strict: false, trustedCaFile } });
  await source.start();
  const peers = new PeerVerifier({
    ...{ trustedCaFile, option: "api-auth-trusted-ca-file", log: silentLog },
    revocation: { crlUrls: [crlFile], refreshMs: 20, hardFail: false, checkCertificates: false, stateDir: folder },
  });
  await peers.start();
  const handler = requireClientCertificate({ peers, clock: { now: () => now }, log: silentLog }, (_, response) => {
    served++;
    response.end("in");
  });
  const server = createServer(source, handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  closing = [() => server.closeAllConnections(), () => server.close(), () => peers.stop(), () => source.stop()];
});
afterEach(async () => {
  for (const close of closing) await close();
});

/** Asks again over one connection as long as that lasts. */
function client(pair?: TestPair) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  closing.unshift(() => agent.destroy());
  const tls = { ca: ca.pem, ...(pair ? { cert: pair.pem, key: pair.keyPem } : {}) };
  return () =>
    new Promise<string>((resolve, reject) => {
      const request = https.get({ host: "127.0.0.1", port, agent, ...tls }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(`${response.statusCode} ${request.reusedSocket ? "again" : "new"} ${text}`));
      });
      request.on("error", reject);
    });
}

test("a certificate is judged once a connection; without one nothing reaches the handler", async () => {
  const ask = client(ada);
  expect([await ask(), await ask()]).toEqual(["200 new in", "200 again in"]);
  expect(await client()()).toBe("401 new client certificate rejected: tls: client didn't provide a certificate\n");
  expect(served).toBe(2);
});

test("a connection that is kept open is refused once its certificate is revoked, others stay", async () => {
  const [adas, eves] = [client(ada), client(eve)];
  expect([await adas(), await eves()]).toEqual(["200 new in", "200 new in"]);
  writeFileSync(crlFile, ca.crl([eve], { number: 2 }));
  await expect.poll(eves, { timeout: 5000 }).toMatch(/^401 \w+ client certificate rejected: .*revoked/);
  expect(await adas()).toBe("200 again in");
});

test("a connection that outlives its certificate is refused", async () => {
  const ask = client(ada);
  expect(await ask()).toBe("200 new in");
  now = ada.certificate.notAfter.getTime() + 1000;
  expect(await ask()).toMatch(/^401 again client certificate rejected: x509: certificate has expired/);
});
