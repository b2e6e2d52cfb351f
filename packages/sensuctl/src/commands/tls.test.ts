/** sensuctl against servers under TLS: what it presents, and what it says when that fails (S-94 to S-96, S-157). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../frame/run.ts";

const DAY = 86_400_000;
const root = mkdtempSync(path.join(tmpdir(), "sensuctl-tls-"));
afterAll(() => rmSync(root, { recursive: true }));
const ca = TestCa.root();
const caFile = ca.write(root);
const TOKENS = { access_token: "a.b.c", expires_at: Math.floor(Date.now() / 1000) + 600, refresh_token: "r" };

let folder: string;
let server: Server | undefined;
/** Common names of the clients, one a request; empty without certificate. */
let clients: (string | undefined)[];
beforeEach(() => {
  folder = mkdtempSync(path.join(root, "config-"));
  clients = [];
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(pair: TestPair): Promise<string> {
  const started = createServer(
    { cert: pair.chainPem, key: pair.keyPem, ca: ca.pem, requestCert: true },
    (request, answer) => {
      clients.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined);
      const health = { Alarms: null, ClusterHealth: [], Header: { cluster_id: 1 } };
      answer.end(JSON.stringify(request.url?.startsWith("/auth") ? TOKENS : health));
    },
  );
  server = started;
  started.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `https://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

async function sensuctl(argv: readonly string[], env: Record<string, string> = {}) {
  let err = "";
  const code = await run(
    argv,
    { SENSU_CONFIG_DIR: folder, ...env },
    {
      out: () => undefined,
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
    },
  );
  return { code, err };
}

const expired = ca.issueServer({ notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) });
const X509 = /x509: certificate has expired or is not yet valid: current time \S+ is after \S+ \[.*\]/;

test("an expired backend is told in the original's words, with URL, dates and what to do (S-94, C-94)", async () => {
  const url = await serve(expired);
  const trusted = { SENSU_TRUSTED_CA_FILE: caFile, SENSU_API_URL: url };
  const fresh = await sensuctl(["cluster", "health"], { ...trusted, SENSU_API_KEY: "k" });
  expect(fresh.code).toBe(1);
  expect(fresh.err).toMatch(
    new RegExp(
      `^Error: GET "/health": Get "${url}/health\\?timeout=3": tls: failed to verify certificate: ${X509.source}\n$`,
    ),
  );
});

test("one that must renew its token first says so (S-95)", async () => {
  const url = await serve(expired);
  writeFileSync(
    path.join(folder, "cluster"),
    JSON.stringify({ "api-url": url, "trusted-ca-file": caFile, ...TOKENS, expires_at: 1 }),
  );
  const { err } = await sensuctl(["cluster", "health"]);
  expect(err).toMatch(
    new RegExp(
      `^Error: GET "/health": failed to request new refresh token; client returned 'Post "${url}/auth/token": ` +
        `tls: failed to verify certificate: ${X509.source}'\n$`,
    ),
  );
});

test("configure keeps the client pair by its absolute path, later commands show it, configure without it forgets it", async () => {
  const url = await serve(ca.issueServer());
  const { certFile, keyFile } = ca.issue({ cn: "ada" }).write(folder, "ada");
  const login = ["configure", "-n", "--url", url, "--username", "u", "--password", "p", "--trusted-ca-file", caFile];
  const relative = (file: string) => path.relative(process.cwd(), file);
  const pair = ["--cert-file", relative(certFile), "--key-file", relative(keyFile)];
  expect(await sensuctl([...login, ...pair])).toEqual({ code: 0, err: "" });
  expect(JSON.parse(readFileSync(path.join(folder, "cluster"), "utf8"))).toMatchObject({
    "cert-file": certFile,
    "key-file": keyFile,
  });
  expect((await sensuctl(["cluster", "health"])).code).toBe(0);
  expect(clients).toEqual(["ada", "ada"]);
  expect(await sensuctl(login)).toEqual({ code: 0, err: "" });
  expect(readFileSync(path.join(folder, "cluster"), "utf8")).not.toContain("cert-file");
});

test("a CA file that is cut off is warned about, then the system's roots count (S-154)", async () => {
  const url = await serve(ca.issueServer());
  const cut = path.join(folder, "cut.pem");
  writeFileSync(cut, ca.pem.slice(0, 300));
  const given = { SENSU_TRUSTED_CA_FILE: cut, SENSU_API_URL: url, SENSU_API_KEY: "k" };
  const { code, err } = await sensuctl(["cluster", "health"], given);
  expect(code).toBe(1);
  const warned = /No certificates could be parsed out of \S+cut\.pem".*\n.*Trying to use the system's default CA.*\n/;
  expect(err).toMatch(warned);
  expect(err.replace(warned, "")).toContain("certificate signed by unknown authority");
});

test("a pair that cannot be read is named", async () => {
  const url = await serve(ca.issueServer());
  const missing = ["--cert-file", path.join(folder, "no.pem"), "--key-file", path.join(folder, "no-key.pem")];
  const { code, err } = await sensuctl(["cluster", "health", ...missing], { SENSU_API_URL: url, SENSU_API_KEY: "k" });
  expect(code).toBe(1);
  expect(err).toContain(`open ${path.join(folder, "no.pem")}: no such file or directory`);
});
