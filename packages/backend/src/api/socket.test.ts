import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer, ServerTlsSource } from "@sensu-ts/runtime";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { ADMIN, openApi } from "./api-fixture.ts";

test("a body over the limit gets its answer on a real socket, and the connection ends (A-47)", async () => {
  const api = await openApi();
  try {
    await api.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/auth/token`, { method: "POST", body: "x".repeat(600_000) });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("http: request body too large");
    expect(response.headers.get("connection")).toBe("close");
  } finally {
    await api.stop();
  }
});

test("long heads and whole URLs are read, as in the original", async () => {
  const api = await openApi();
  try {
    await api.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    const status = (target: string, headers: Record<string, string> = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = http.request({ host: "127.0.0.1", port, path: target, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.once("error", reject);
        sent.end();
      });
    expect(await status("/version", { "x-long": "x".repeat(100_000) })).toBe(200);
    expect(await status(`/version?a=${"x".repeat(100_000)}`)).toBe(200);
    expect(await status("http://elsewhere:8080/version")).toBe(200);
    expect(await status("http://elsewhere")).toBe(404);
    expect(await status("http://elsewhere:8080/api/core/v2/users?limit=1")).toBe(401);
  } finally {
    await api.stop();
  }
});

test("over TLS tokens name an https issuer; a domain gets strict transport (A-60, S-406, S-491)", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "api-tls-"));
  const [keyFile, certFile] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=b1.test", "-addext", "subjectAltName=DNS:b1.test", "-days", "2"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", certFile, ...subject], { stdio: "ignore" });
  const pair = { option: "cert-file", keyOption: "key-file", certFile, keyFile };
  const source = new ServerTlsSource({ ...pair, log: silentLog });
  await source.start();
  const api = await openApi({ server: { serverFactory: (handler) => createServer(source, handler) } });
  try {
    await api.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    const get = (host: string) =>
      new Promise<{ body: string; hsts: string | undefined }>((resolve, reject) => {
        const headers = { host, authorization: api.basic(ADMIN.username, ADMIN.password) };
        const options = { host: "127.0.0.1", port, path: "/auth", headers, rejectUnauthorized: false, agent: false };
        https
          .get(options, (response) => {
            let body = "";
            response.on("data", (chunk) => {
              body += chunk;
            });
            response.on("end", () => resolve({ body, hsts: response.headers["strict-transport-security"] }));
          })
          .on("error", reject);
      });
    const named = await get("b1.test:8080");
    expect(decodeJwt(JSON.parse(named.body).access_token).iss).toBe("https://b1.test:8080");
    expect(named.hsts).toBe("max-age=31536000");
    expect((await get("127.0.0.1:8080")).hsts).toBeUndefined();
  } finally {
    await api.stop();
    await source.stop();
    await rm(folder, { recursive: true });
  }
});
