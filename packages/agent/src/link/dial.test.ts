import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer as createTls } from "node:https";
import { type AddressInfo, connect, createServer as createListener, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { acceptedHeaders } from "@sensu-ts/core";
import { startSocks } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { LinkSettings } from "../app/settings.ts";
import { dial } from "./dial.ts";

const folder = mkdtempSync(path.join(tmpdir(), "dial-"));
const file = (name: string) => path.join(folder, name);
const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });

function issue(name: string, san: string): void {
  openssl(
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-subj",
    `/CN=${name}`,
    "-out",
    `${name}.csr`,
    "-addext",
    `subjectAltName=${san}`,
  );
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    `${name}.pem`,
  );
}

let server: Server;
let url: string;
let clientName: string | undefined;

beforeAll(async () => {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    "ca.key",
    "-subj",
    "/CN=test ca",
    "-days",
    "2",
    "-out",
    "ca.pem",
  );
  issue("backend", "IP:127.0.0.1,DNS:backend.test");
  issue("agent", "DNS:agent");
  const tls = createTls({
    cert: readFileSync(file("backend.pem")),
    key: readFileSync(file("backend.key")),
    ca: readFileSync(file("ca.pem")),
    requestCert: true,
    rejectUnauthorized: false,
  });
  const sockets = new WebSocketServer({ server: tls });
  sockets.on("headers", (headers) => {
    for (const [name, value] of acceptedHeaders("protobuf", "b1")) headers.push(`${name}: ${value}`);
  });
  sockets.on("connection", (_, request) => {
    const peer = request.socket as TLSSocket;
    clientName = peer.authorized ? (peer.getPeerCertificate().subject.CN as string) : undefined;
  });
  await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
  server = tls as unknown as Server;
  url = `wss://127.0.0.1:${(tls.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function attempt(tls: LinkSettings["tls"], to = url, handshakeTimeoutMs = 2000) {
  return dial({
    url: to,
    settings: {
      urls: [to],
      tls,
      handshakeTimeoutMs,
      heartbeatIntervalMs: 1000,
      heartbeatTimeoutMs: 2000,
      retry: { minMs: 1, maxMs: 1, multiplier: 1 },
      maxSessionMs: 0,
    },
    identity: { name: "web-01", namespace: "default", subscriptions: [] },
    lastEncoding: undefined,
    signal: new AbortController().signal,
  });
}

test("a backend whose certificate comes from the trusted authority is connected, with the client's certificate", async () => {
  const open = await attempt({
    trustedCaFile: file("ca.pem"),
    certFile: file("agent.pem"),
    keyFile: file("agent.key"),
  });
  expect(open).toMatchObject({ encoding: "protobuf", backendId: "b1", acknowledges: false });
  open.socket.terminate();
  expect(clientName).toBe("agent");
});

test("a backend of an unknown authority is refused unless verification is off", async () => {
  await expect(attempt({})).rejects.toThrowError(
    /^tls: failed to verify certificate: x509: certificate signed by unknown authority \[issuer "CN=test ca" of the certificate of 127\.0\.0\.1/,
  );
  const open = await attempt({ insecureSkipVerify: true });
  open.socket.terminate();
});

test("unreadable TLS files fail the attempt with the file's name", async () => {
  await expect(attempt({ trustedCaFile: file("missing.pem") })).rejects.toThrowError(/missing\.pem/);
});

test("a refusal of TLS has no cause of Node's, which the log would add: it speaks of OpenSSL and of Node's options", async () => {
  await expect(attempt({})).rejects.toSatisfy((error: Error) => error.cause === undefined);
});

test.each([
  ["says nothing", "ws", (socket: Socket) => void socket],
  ["says nothing to a TLS hello", "wss", (socket: Socket) => void socket],
  ["dribbles its answer", "ws", dribble],
  ["dribbles its refusal", "ws", (socket: Socket) => dribble(socket, "HTTP/1.1 503 No\r\n\r\n")],
])("a host that %s fails the attempt in time (%s, W-72)", async (_, scheme, answer) => {
  const slow = createListener((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const began = performance.now();
  const { port } = slow.address() as AddressInfo;
  await expect(attempt({}, `${scheme}://127.0.0.1:${port}`, 500)).rejects.toThrowError(
    "no session after 0.5 seconds (backend-handshake-timeout)",
  );
  expect(performance.now() - began).toBeGreaterThan(490);
  slow.close();
});

/** One more header every 50 ms, for ever. */
function dribble(socket: Socket, head = "HTTP/1.1 101 Switching Protocols\r\n"): void {
  socket.once("data", () => {
    socket.write(head);
    const timer = setInterval(() => socket.write("X-More: y\r\n"), 50);
    socket.on("close", () => clearInterval(timer));
  });
}

test("the session runs through a SOCKS proxy, which is asked for the backend's name", async () => {
  using proxy = await startSocks(() => Number(new URL(url).port));
  process.env["https_proxy"] = proxy.url;
  try {
    const open = await attempt({ trustedCaFile: file("ca.pem") }, "wss://backend.test:8081");
    expect(open.backendId).toBe("b1");
    open.socket.terminate();
  } finally {
    delete process.env["https_proxy"];
  }
  expect(proxy.asked).toEqual(["\x01\x05us er\x02pw", "\x05\x01\x00\x03\x0cbackend.test\x1f\x91"]);
});

test("the session runs through the proxy's tunnel, asked for with credentials", async () => {
  const asked: unknown[] = [];
  const proxy = createProxy().on("connect", (request, socket) => {
    asked.push(request.url, request.headers["proxy-authorization"]);
    const upstream = connect(Number(new URL(url).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  process.env["HTTPS_PROXY"] = `http://us%20er:pw@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const open = await attempt({ trustedCaFile: file("ca.pem") }, "wss://backend.test:8081");
    expect(open.backendId).toBe("b1");
    open.socket.terminate();
  } finally {
    delete process.env["HTTPS_PROXY"];
  }
  expect(asked).toEqual(["backend.test:8081", `Basic ${Buffer.from("us er:pw").toString("base64")}`]);
  proxy.closeAllConnections();
  proxy.close();
});
