/** What a strict listener sends to a client that it refuses, and that nothing else of it gets through. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { run, TestCa } from "@sensu-ts/testing";
import { afterAll, afterEach, expect, test } from "vitest";
import { ALERTS, type Alert } from "./alert.ts";
import { close, createServer, listen } from "./server.ts";
import { ServerTlsSource } from "./source.ts";
import { type HandshakeJudge, ticketsIn } from "./strict-handshake.ts";
import { testLog } from "./test-log.ts";

const folder = mkdtempSync(path.join(tmpdir(), "tls-strict-"));
const ca = TestCa.root();
const trustedCaFile = ca.write(folder);
const own = ca.issue();
const ownFiles = own.write(folder, "own");
afterAll(() => rmSync(folder, { recursive: true }));
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
/** Versions with their suites. */
const SUITES = [
  ["TLSv1.3", "TLS_AES_128_GCM_SHA256"],
  ["TLSv1.3", "TLS_AES_256_GCM_SHA384"],
  ["TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"],
  ["TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"],
] as const;
type Version = (typeof SUITES)[number][0];
const VERSIONS: readonly Version[] = ["TLSv1.2", "TLSv1.3"];

async function serve(judge: HandshakeJudge) {
  const files = ca.issueServer().write(folder, "server");
  const clientAuth = { strict: true, trustedCaFile };
  const source = new ServerTlsSource({
    option: "cert-file",
    keyOption: "key-file",
    ...files,
    clientAuth,
    log: testLog(),
  });
  await source.start();
  let requests = 0;
  const answer = (_request: unknown, response: { end(text: string): void }) => {
    requests++;
    response.end("hello");
  };
  const server = createServer(source, answer, {}, judge);
  const { port } = await listen(server, { host: "127.0.0.1", port: 0 });
  stops.push(async () => {
    await close(server, 1000);
    await source.stop();
  });
  return { server, port, requests: () => requests };
}

interface Seen {
  readonly text: string;
  readonly error: string;
}

/** Sends at once what it has to say, and tells what came of it. */
function connect(port: number, version: Version, more: tls.ConnectionOptions = {}, bytes: string | Buffer = GET) {
  const only = { minVersion: version, maxVersion: version };
  const socket = tls.connect({
    ...{ host: "127.0.0.1", port, ca: ca.pem, cert: own.pem, key: own.keyPem, ...only },
    ...more,
  });
  let text = "";
  let error = "";
  socket.on("secureConnect", () => socket.write(bytes));
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", (failure) => {
    error = failure.message;
  });
  const closed = new Promise<Seen>((resolve) => socket.on("close", () => resolve({ text, error })));
  return { socket, closed };
}

test.each(SUITES)("%s with %s: the alert reaches Node and OpenSSL's client", async (version, ciphers) => {
  const { port, requests } = await serve(async () => "certificate_expired");
  const { text, error } = await connect(port, version, { ciphers }).closed;
  expect({ text, error }).toEqual({ text: "", error: expect.stringMatching(/alert certificate expired/) });
  const pair = ["-cert", ownFiles.certFile, "-key", ownFiles.keyFile, "-CAfile", trustedCaFile, "-ign_eof"];
  const suite = version === "TLSv1.3" ? ["-tls1_3", "-ciphersuites", ciphers] : ["-tls1_2", "-cipher", ciphers];
  const shown = await run(["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...pair, ...suite], { input: GET });
  expect(shown.stderr).toMatch(/alert certificate expired.*SSL alert number 45/s);
  expect(shown.stdout).not.toContain("hello");
  expect(requests()).toBe(0);
});

const REFUSALS = (Object.keys(ALERTS) as Alert[]).flatMap((alert) =>
  VERSIONS.map((version) => [alert, version] as const),
);
test.each(REFUSALS)("the alert %s over %s", async (alert, version) => {
  const { port } = await serve(async () => alert);
  const { error } = await connect(port, version).closed;
  expect(error).toMatch(new RegExp(`SSL alert number ${ALERTS[alert]}\\b`));
});

/** What the server wrote, byte for byte. */
async function overheard(port: number) {
  const bytes: Buffer[] = [];
  const ends: string[] = [];
  const relay = net.createServer((from) => {
    const to = net.connect(port, "127.0.0.1");
    from.on("error", () => to.destroy());
    to.on("error", (error: NodeJS.ErrnoException) => ends.push(String(error.code)));
    to.on("end", () => ends.push("end"));
    to.on("data", (chunk) => bytes.push(chunk));
    from.pipe(to);
    to.pipe(from);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  stops.push(async () => void relay.close());
  return { port: (relay.address() as net.AddressInfo).port, bytes: () => Buffer.concat(bytes), ends };
}

/** Type and length of each record. */
function records(bytes: Buffer): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    found.push([bytes[at] as number, bytes.readUInt16BE(at + 3)]);
  }
  return found;
}

test.each([
  // Type, fatal and description are sealed.
  ["TLSv1.3", [23, 2 + 1 + 16]],
  ["TLSv1.2", [21, 2]],
] as const)("%s: the alert is the last record, and the connection ends behind it", async (version, last) => {
  const { port } = await serve(async () => "unknown_ca");
  const relay = await overheard(port);
  await connect(relay.port, version).closed;
  const sent = records(relay.bytes());
  expect(sent.at(-1)).toEqual(last);
  // Neither OpenSSL's tickets nor, in TLS 1.2, its change to encrypted records came before or after.
  expect(sent.filter(([type, length]) => (version === "TLSv1.3" ? length === 74 : type === 20))).toEqual([]);
  expect(relay.ends).toEqual(["end"]);
});

test.each(VERSIONS)("%s: a client that sends much and reads late gets the alert all the same", async (version) => {
  const { port } = await serve(async () => "access_denied");
  const { closed } = connect(port, version, {}, Buffer.alloc(4 << 20));
  expect((await closed).error).toMatch(/alert access denied/);
});

const later = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("TLS 1.3: a judgement that took its time is told behind the tickets", async () => {
  const { port, requests } = await serve(async () => {
    await later();
    return "certificate_revoked";
  });
  const relay = await overheard(port);
  const { text, error } = await connect(relay.port, "TLSv1.3").closed;
  expect({ text, error }).toEqual({ text: "", error: expect.stringMatching(/alert certificate revoked/) });
  expect(records(relay.bytes()).slice(-3)).toEqual([
    [23, 74],
    [23, 74],
    [23, 19],
  ]);
  expect(requests()).toBe(0);
});

test.each([
  ["TLS 1.2, judged after the server's last flight", "TLSv1.2", ""],
  ["TLS 1.3, where something else was written", "TLSv1.3", "x"],
] as const)("%s: no alert where its place is not certain, and no answer", async (_title, version, words) => {
  const { port, requests } = await serve(async (socket) => {
    if (words) socket.write(words);
    await later();
    return "certificate_revoked";
  });
  const relay = await overheard(port);
  const { text, error } = await connect(relay.port, version).closed;
  expect(text).toBe(words);
  expect(error).not.toMatch(/alert|bad record/);
  const sent = records(relay.bytes());
  expect(sent).not.toContainEqual([21, 2]);
  expect(sent).not.toContainEqual([23, 19]);
  expect(requests()).toBe(0);
});

test("only whole tickets, and no more than OpenSSL sends, are taken for tickets", () => {
  expect([0, 79, 158].map(ticketsIn)).toEqual([0, 1, 2]);
  expect([1, 78, 80, 157, 159, 237].map(ticketsIn)).toEqual([1, 2, 3, 4, 5, 6].map(() => undefined));
});

test.each(VERSIONS)("%s: what a good client says while it is judged is answered then", async (version) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { port, requests } = await serve(() => promise);
  const { socket, closed } = connect(port, version);
  await once(socket, "secureConnect");
  await later();
  expect(requests()).toBe(0);
  resolve(undefined);
  expect((await closed).text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*hello/s);
});

test("closing does not wait for a judgement, and whoever is being judged is not served", async () => {
  const judging = Promise.withResolvers<void>();
  const { server, port, requests } = await serve(() => {
    judging.resolve();
    return new Promise(() => {});
  });
  const { closed } = connect(port, "TLSv1.3");
  await judging.promise;
  await close(server, 60_000);
  expect((await closed).text).toBe("");
  expect(requests()).toBe(0);
});

test("secrets are wiped before anybody else sees them", async () => {
  const { server, port } = await serve(async () => "bad_certificate");
  const lines: Buffer[] = [];
  server.on("keylog", (line: Buffer) => lines.push(line));
  await connect(port, "TLSv1.3").closed;
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.every((line) => line.every((byte) => byte === 0))).toBe(true);
});
