import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, afterEach, expect, test } from "vitest";
import { close, createServer, listen } from "./server.ts";
import { type ClientAuth, ServerTlsSource } from "./source.ts";
import { testLog } from "./test-log.ts";

const folder = mkdtempSync(path.join(tmpdir(), "tls-server-"));
const ca = TestCa.root();
const caFile = ca.write(folder);
afterAll(() => rmSync(folder, { recursive: true }));
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function serve(clientAuth?: ClientAuth) {
  const log = testLog();
  const files = ca.issueServer().write(folder, `b${stops.length}`);
  const source = new ServerTlsSource({ option: "cert-file", keyOption: "key-file", ...files, clientAuth, log });
  await source.start();
  const server = createServer(source, (_request, response) => response.end("hello"));
  const { port } = await listen(server, { host: "127.0.0.1", port: 0 });
  stops.push(async () => {
    await close(server, 1000);
    await source.stop();
  });
  return { source, server, port, log, files };
}

/** Everything the server says, until it ends the connection, to a client that reads once it has sent all. */
async function answerTo(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  for (const part of parts) {
    await new Promise<void>((resolve, reject) => socket.write(part, (error) => (error ? reject(error) : resolve())));
  }
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

const TEXT = "Client sent an HTTP request to an HTTPS server.\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
test.each([
  ["a GET", ["GET / HTTP/1.1\r\nHost: a\r\n\r\n"]],
  ["a method Go does not know", ["PATCH / HTTP/1.1\r\n\r\n"]],
  ["the upgrade of an agent", [upgrade]],
  ["one byte", ["G"]],
  ["a large body", ["POST / HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n", Buffer.alloc(20_000_000)]],
])("plaintext on a TLS port: %s is answered 400 (S-101)", async (_what, parts) => {
  const { port } = await serve();
  const answer = await answerTo(port, ...parts);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer.endsWith(`\r\n\r\n${TEXT}`)).toBe(true);
});

const noTls = "tls: first record does not look like a TLS handshake";
test.each([
  ["HTTP in plaintext", "GET / HTTP/1.1\r\n\r\n", "client sent an HTTP request to an HTTPS server"],
  ["another protocol", "SSH-2.0-x\r\n", noTls],
  ["the end of a TLS connection", Buffer.from("15030100020228", "hex"), noTls],
  ["TLS that is none", Buffer.from("160301000568656c6c6f", "hex"), "tls: unexpected message"],
])("%s on a TLS port is in the log, with where it came from (S-101)", async (_what, bytes, says) => {
  const { port, log } = await serve();
  await answerTo(port, bytes);
  const from = String.raw`^warn: http: TLS handshake error from 127\.0\.0\.1:\d+: `;
  await expect.poll(() => log.lines).toEqual([expect.stringMatching(new RegExp(`${from}${says}$`))]);
});

test("a client that leaves in the middle of the handshake is named in the log", async () => {
  const { port, log } = await serve();
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const from = socket.localPort;
  socket.end(Buffer.from("1603010200", "hex"));
  await expect.poll(() => log.lines).toEqual([`warn: http: TLS handshake error from 127.0.0.1:${from}: EOF`]);
});

test("no key exchange in common is told in Go's words", async () => {
  const { port, log } = await serve();
  await expect(get(port, { minVersion: "TLSv1.3", ecdhCurve: "X448" })).rejects.toThrow(/handshake failure/);
  await expect
    .poll(() => log.lines)
    .toEqual([expect.stringMatching(/: tls: no key exchanges supported by both client and server$/)]);
});

test("an ordinary client reads that answer, and TLS goes on beside it", async () => {
  const { port } = await serve();
  const [response] = (await once(http.get(`http://127.0.0.1:${port}/`), "response")) as [http.IncomingMessage];
  expect(response.statusCode).toBe(400);
  response.resume();
  expect(await get(port)).toMatchObject({ status: 200 });
});

async function get(port: number, options: https.RequestOptions = {}) {
  const request = https.get({ host: "127.0.0.1", port, ca: ca.pem, agent: false, ...options });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const socket = response.socket as tls.TLSSocket;
  const seen = {
    status: response.statusCode,
    serial: socket.getPeerCertificate().serialNumber,
    protocol: socket.getProtocol(),
  };
  response.resume();
  await once(response, "end");
  return seen;
}

test("a handshake that comes in pieces is one all the same", async () => {
  const { port } = await serve();
  const through = net.createServer((from) => {
    const to = net.connect(port, "127.0.0.1");
    to.setNoDelay(true);
    to.on("error", () => from.destroy());
    from.on("data", (bytes) => {
      for (const byte of bytes) to.write(Buffer.from([byte]));
    });
    to.pipe(from);
  });
  await new Promise<void>((resolve) => through.listen(0, "127.0.0.1", resolve));
  stops.push(async () => void through.close());
  expect(await get((through.address() as net.AddressInfo).port)).toMatchObject({ status: 200 });
});

test.each(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const)("%s (S-107)", async (version) => {
  const { port, log } = await serve();
  const only = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
  if (version === "TLSv1.2" || version === "TLSv1.3") {
    expect(await get(port, only)).toMatchObject({ status: 200, protocol: version });
    return;
  }
  await expect(get(port, only)).rejects.toThrow(/alert protocol version/);
  await expect
    .poll(() => log.lines)
    .toEqual([
      expect.stringMatching(
        /^warn: http: TLS handshake error from 127\.0\.0\.1:\d+: tls: client offered only unsupported versions$/,
      ),
    ]);
});

test.each([
  ["AES128-SHA", /handshake failure/],
  ["ECDHE-ECDSA-AES128-SHA", /handshake failure/],
  ["ECDHE-ECDSA-CHACHA20-POLY1305", undefined],
])("TLS 1.2 with %s alone", async (ciphers, refusal) => {
  const { port } = await serve();
  const attempt = get(port, { maxVersion: "TLSv1.2", ciphers: `${ciphers}:@SECLEVEL=0` });
  if (refusal) await expect(attempt).rejects.toThrow(refusal);
  else expect(await attempt).toMatchObject({ status: 200 });
});

test("the server's order of suites counts, not the client's (S-108)", async () => {
  const { port } = await serve();
  const ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
  const socket = tls.connect({ host: "127.0.0.1", port, ca: ca.pem, maxVersion: "TLSv1.2", ciphers });
  await once(socket, "secureConnect");
  expect(socket.getCipher().name).toBe("ECDHE-ECDSA-AES256-GCM-SHA384");
  socket.destroy();
});

test("after a reload new handshakes get the new pair, open connections stay (S-162)", async () => {
  const { port, source, files } = await serve();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  stops.push(async () => agent.destroy());
  const before = await get(port, { agent });
  const renewed = ca.issueServer();
  renewed.write(folder, path.basename(files.certFile, ".pem"));
  await source.reload();
  expect(await get(port, { agent })).toEqual(before);
  expect(await get(port)).toMatchObject({ status: 200, serial: renewed.serial });
  // The profile is not lost in the swap.
  await expect(
    get(port, { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }),
  ).rejects.toThrow();
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "a listener that asks for certificates resumes no %s session (S-183)",
  async (version) => {
    const resumes = async (clientAuth?: ClientAuth) => {
      const { port } = await serve(clientAuth);
      const own = ca.issue();
      const options = { host: "127.0.0.1", port, ca: ca.pem, cert: own.pem, key: own.keyPem, maxVersion: version };
      let session: Buffer | undefined;
      const connect = async () => {
        const socket = tls.connect({ ...options, ...(session ? { session } : {}) });
        socket.on("session", (given: Buffer) => {
          session = given;
        });
        await once(socket, "secureConnect");
        const reused = socket.isSessionReused();
        // Tickets of TLS 1.3 come with the answer.
        socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        socket.resume();
        await once(socket, "close");
        return reused;
      };
      await connect();
      return connect();
    };
    expect(await resumes()).toBe(true);
    expect(await resumes({ strict: false, trustedCaFile: caFile })).toBe(false);
    expect(await resumes({ strict: true, trustedCaFile: caFile })).toBe(false);
  },
);

test("strict refuses a client without certificate, lenient leaves it to whoever answers", async () => {
  const lenient = await serve({ strict: false, trustedCaFile: caFile });
  expect(await get(lenient.port)).toMatchObject({ status: 200 });
  const strict = await serve({ strict: true, trustedCaFile: caFile });
  await expect(get(strict.port)).rejects.toThrow();
  const own = ca.issue();
  expect(await get(strict.port, { cert: own.pem, key: own.keyPem })).toMatchObject({ status: 200 });
});

test("closing waits for nobody who has said nothing yet", async () => {
  const { server, port } = await serve();
  const silent = net.connect(port, "127.0.0.1");
  await once(silent, "connect");
  await get(port);
  const began = performance.now();
  await close(server, 60_000);
  expect(performance.now() - began).toBeLessThan(30_000);
  silent.destroy();
});

test("a request that names two hosts is answered by nobody", async () => {
  let handled = 0;
  const server = createServer(undefined, (_request, response) => {
    handled++;
    response.end("hello");
  });
  const { port } = await listen(server, { host: "127.0.0.1", port: 0 });
  stops.push(() => close(server, 1000));
  const two = "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n";
  expect(await answerTo(port, two)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*too many Host headers$/);
  expect(await answerTo(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toContain("hello");
  expect(handled).toBe(1);
});
