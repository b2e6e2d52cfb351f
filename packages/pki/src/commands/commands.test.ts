/** `sensu-pki` by its results in a folder, judged by OpenSSL (S-440 to S-443, S-472). */
import { execFile, execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCertificate } from "../cert.ts";
import { readCrl } from "../crl.ts";
import type { Io } from "../io.ts";
import { sensuPki } from "./sensu-pki.ts";

let folder = "";
let now = new Date("2027-01-10T12:00:20Z");

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), "pki-")), "tls");
  now = new Date();
});

afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

async function pki(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const io: Io = {
    out: (text) => {
      texts.out += text;
    },
    err: (text) => {
      texts.err += text;
    },
    input: async () => "",
    env: { SENSU_PKI_DIR: folder },
    now: () => now,
  };
  const code = await sensuPki(words, io);
  return { code, ...texts };
}

async function done(...words: string[]): Promise<string> {
  const result = await pki(...words);
  expect(result).toMatchObject({ code: 0, err: "" });
  return result.out;
}

const file = (name: string): string => path.join(folder, name);
const mode = (name: string): string => (statSync(file(name)).mode & 0o777).toString(8);
const read = (name: string): ReturnType<typeof readCertificate> => readCertificate(readFileSync(file(name), "utf8"));

function openssl(...words: string[]): { status: number; text: string } {
  try {
    return { status: 0, text: execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { status, text: stdout + stderr };
  }
}

test("a CA, a backend and an agent: names, usages, modes, list", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test", "--san", "10.9.0.11,extra.test", "--guide-names");
  await done("issue", "agent");
  const text = openssl("x509", "-in", file("b1.lab.test.pem"), "-noout", "-text").text;
  expect(text).toContain(
    "DNS:b1.lab.test, DNS:b1, DNS:localhost, DNS:extra.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.9.0.11",
  );
  expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
  const agent = openssl("x509", "-in", file("agent.pem"), "-noout", "-text").text;
  expect(agent).not.toContain("Alternative Name");
  expect(agent).toMatch(/Extended Key Usage: \n\s+TLS Web Client Authentication\n/);
  expect(
    openssl("verify", "-x509_strict", "-CAfile", file("ca.pem"), file("agent.pem"), file("b1.lab.test.pem")).status,
  ).toBe(0);
  expect([mode("ca-key.pem"), mode("ca.pem"), mode("agent-key.pem"), mode("b1.lab.test.pem"), mode(".")]).toEqual([
    "600",
    "644",
    "400",
    "400",
    "751",
  ]);
  expect(readFileSync(file("b1-key.lab.test.pem"), "utf8")).toBe(readFileSync(file("b1.lab.test-key.pem"), "utf8"));
  const rows = JSON.parse(await done("list", "--json")) as { file: string; status: string; serial: string }[];
  expect(rows.map((row) => [row.file, row.status])).toEqual([
    ["ca.pem", "valid"],
    ["agent.pem", "valid"],
    ["b1.lab.test.pem", "valid"],
  ]);
  expect(rows[1]?.serial).toBe(read("agent.pem").serial.toString("hex"));
  expect(readdirSync(folder).some((name) => name.startsWith("."))).toBe(false);
  expect(readFileSync(file("index.json"), "utf8")).not.toContain("PRIVATE");
});

test("what is there is not overwritten; unknown profiles, names and options are refused", async () => {
  await done("init");
  await done("issue", "agent");
  const before = readFileSync(file("agent-key.pem"), "utf8");
  expect((await pki("init")).code).toBe(1);
  expect((await pki("issue", "agent")).code).toBe(1);
  expect(await pki("issue", "backend", "b.test", "--profile", "bakend")).toMatchObject({ code: 1 });
  for (const name of ["../b", "ca", ".hidden", "-x", "a/b", "x-key"]) {
    expect((await pki("issue", "agent", "--", name)).code).toBe(1);
  }
  expect((await pki("issue", "agent", "c", "--days", "30d")).code).toBe(1);
  expect((await pki("issue", "agent", "c", "--algo", "rsa", "--size", "1024")).err).toContain("RSA key is too weak");
  expect(readFileSync(file("agent-key.pem"), "utf8")).toBe(before);
  expect(existsSync(file("c.pem"))).toBe(false);
});

test("every kind of key for CA and leaf verifies in OpenSSL and Node", { timeout: 120_000 }, async () => {
  const kinds = [
    ["rsa", "2048"],
    ["rsa", "3072"],
    ["rsa", "4096"],
    ["ecdsa", "256"],
    ["ecdsa", "384"],
    ["ecdsa", "521"],
    ["ed25519"],
  ];
  const hashes: Record<string, string> = {
    "rsa-2048": "sha256With",
    "rsa-3072": "sha384With",
    "rsa-4096": "sha512With",
    "ecdsa-256": "ecdsa-with-SHA256",
    "ecdsa-384": "ecdsa-with-SHA384",
    "ecdsa-521": "ecdsa-with-SHA512",
    ed25519: "ED25519",
  };
  const options = ([algo = "", size]: string[]): string[] => [
    "--algo",
    algo,
    ...(size === undefined ? [] : ["--size", size]),
  ];
  for (const ca of kinds) {
    await done("init", "--force", ...options(ca));
    for (const leaf of kinds.filter(([algo, size]) => algo !== "rsa" || size === "2048" || ca[1] === size)) {
      const name = `leaf-${leaf.join("-")}`;
      await done("issue", "backend", name, "--force", ...options(leaf));
      expect(openssl("verify", "-CAfile", file("ca.pem"), file(`${name}.pem`)).status).toBe(0);
      const issuer = new X509Certificate(readFileSync(file("ca.pem")));
      const own = new X509Certificate(readFileSync(file(`${name}.pem`)));
      expect(own.verify(issuer.publicKey)).toBe(true);
      expect(own.checkPrivateKey(createPrivateKey(readFileSync(file(`${name}-key.pem`))))).toBe(true);
      expect(openssl("x509", "-in", file(`${name}.pem`), "-noout", "-text").text).toContain(
        `Signature Algorithm: ${hashes[ca.join("-")]}`,
      );
    }
  }
});

test("check reports age, mismatch, mode and missing files by its status", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  const good = await done("check");
  expect(good).toMatch(/^OK: 2 certificates\nnotAfter=\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT\n/);
  expect((await pki("check", "-w", "200")).code).toBe(1);
  expect((await pki("check", "-c", "200")).code).toBe(2);
  expect((await pki("check", file("none.pem"))).code).toBe(3);
  chmodSync(file("b1.lab.test-key.pem"), 0o640);
  expect(await pki("check")).toMatchObject({ code: 1, out: expect.stringContaining("wider than 0600") });
  await done("issue", "agent");
  writeFileSync(file("agent-key.pem"), readFileSync(file("b1.lab.test-key.pem")));
  const mismatch = await pki("check", file("agent.pem"));
  expect(mismatch.code).toBe(2);
  expect(mismatch.out).toContain(`${file("agent-key.pem")} does not belong to ${file("agent.pem")}`);
  now = new Date(now.getTime() + 181 * 86_400_000);
  const late = await pki("check", file("b1.lab.test.pem"));
  expect(late).toMatchObject({ code: 2, out: expect.stringContaining("expired") });
});

test("renewal keeps key, subject and names, gives a new serial and keeps the old pair", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  const before = read("b1.lab.test.pem");
  const key = readFileSync(file("b1.lab.test-key.pem"), "utf8");
  chmodSync(file("b1.lab.test.pem"), 0o440);
  now = new Date(now.getTime() + 100 * 86_400_000);
  await done("renew", "b1.lab.test");
  const after = read("b1.lab.test.pem");
  expect(after.subject.equals(before.subject)).toBe(true);
  expect(after.hosts).toEqual(before.hosts);
  expect(after.serial.equals(before.serial)).toBe(false);
  expect(after.notAfter.getTime() - before.notAfter.getTime()).toBe(100 * 86_400_000);
  expect(readFileSync(file("b1.lab.test-key.pem"), "utf8")).toBe(key);
  expect(mode("b1.lab.test.pem")).toBe("440");
  expect(readCertificate(readFileSync(file("b1.lab.test.pem.1"), "utf8")).serial.equals(before.serial)).toBe(true);
  await done("renew", "--all", "--rekey");
  expect(readFileSync(file("b1.lab.test-key.pem"), "utf8")).not.toBe(key);
  expect(await done("renew", "--within", "30d")).toBe("nothing to renew\n");
});

test("revoking a name revokes its renewed forms too; the list is v2 with number and reason", async () => {
  await done("init");
  await done("issue", "agent");
  await done("issue", "agent", "other");
  const first = read("agent.pem").serial.toString("hex");
  await done("renew", "agent");
  await done("crl");
  await done("revoke", "agent", "--reason", "keyCompromise");
  const list = readCrl(readFileSync(file("ca.crl")));
  expect([...list.serials].sort()).toEqual([first, read("agent.pem").serial.toString("hex")].sort());
  expect(list.verify(read("ca.pem"))).toBe(true);
  const text = openssl("crl", "-in", file("ca.crl.pem"), "-noout", "-text", "-CAfile", file("ca.pem")).text;
  expect(text).toMatch(/CRL Number: \n\s+2\n/);
  expect(text).toContain("Key Compromise");
  const verify = (name: string) =>
    openssl("verify", "-crl_check", "-CRLfile", file("ca.crl.pem"), "-CAfile", file("ca.pem"), file(name));
  expect(verify("agent.pem").text).toContain("certificate revoked");
  expect(verify("other.pem").status).toBe(0);
  const serial = read("other.pem").serial.toString("hex").toUpperCase();
  await done("revoke", serial);
  expect(verify("other.pem").status).not.toBe(0);
  expect((await pki("revoke", "nobody")).code).toBe(1);
  expect((await pki("check")).code).toBe(2);
});

test("a renewed CA verifies what the old one issued; a rekeyed one overlaps by the bundle", async () => {
  await done("init", "--org", "Acme");
  await done("issue", "agent");
  await done("renew-ca");
  expect(openssl("verify", "-CAfile", file("ca.pem"), file("agent.pem")).status).toBe(0);
  await done("renew-ca", "--rekey");
  expect(openssl("verify", "-CAfile", file("ca.pem"), file("agent.pem")).status).not.toBe(0);
  expect(openssl("verify", "-CAfile", file("ca-bundle.pem"), file("agent.pem")).status).toBe(0);
  await done("check");
  await done("renew", "--all");
  expect(openssl("verify", "-CAfile", file("ca.pem"), file("agent.pem")).status).toBe(0);
  expect(openssl("verify", "-CAfile", file("ca-bundle.pem"), file("agent.pem"), file("agent.pem.1")).status).toBe(0);
});

test("a CA key under a passphrase opens with it only, and neither is ever printed", async () => {
  const secret = path.join(path.dirname(folder), "passphrase");
  const wrong = path.join(path.dirname(folder), "wrong");
  writeFileSync(secret, "correct horse\n", { mode: 0o600 });
  writeFileSync(wrong, "battery staple\n", { mode: 0o600 });
  await done("init", "--passphrase-file", secret);
  expect(readFileSync(file("ca-key.pem"), "utf8")).toContain("ENCRYPTED PRIVATE KEY");
  const body = readFileSync(file("ca-key.pem"), "utf8").split("\n")[1] ?? "?";
  for (const words of [
    ["issue", "agent"],
    ["issue", "agent", "--passphrase-file", wrong],
  ]) {
    const refused = await pki(...words);
    expect(refused.code).toBe(1);
    for (const text of ["horse", "staple", body]) expect(refused.err + refused.out).not.toContain(text);
  }
  await done("issue", "agent", "--passphrase-file", secret);
  rmSync(file("ca-key.pem"));
  expect((await pki("issue", "agent", "b")).err).toContain("archived");
});

test("a host's own request is signed without its key; a server's CN becomes a SAN", async () => {
  await done("init");
  const request = path.join(path.dirname(folder), "h1.test.csr");
  const key = path.join(path.dirname(folder), "h1.key");
  const made = openssl(
    "req",
    "-new",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    key,
    "-out",
    request,
    "-subj",
    "/O=Acme/CN=h1.test",
    "-addext",
    "subjectAltName=DNS:other.test,IP:10.1.1.1",
  );
  expect(made.status).toBe(0);
  await done("sign", request, "--profile", "backend");
  expect(read("h1.test.pem").hosts).toMatchObject({ dns: ["h1.test", "other.test"], ip: ["10.1.1.1"] });
  expect(existsSync(file("h1.test-key.pem"))).toBe(false);
  const damaged = readFileSync(request, "utf8").replace(/A(?=[A-Za-z]{3})/, "B");
  writeFileSync(path.join(path.dirname(folder), "bad.csr"), damaged);
  expect((await pki("sign", path.join(path.dirname(folder), "bad.csr"), "--profile", "backend")).code).toBe(1);
  expect((await pki("sign", request, "--profile", "backnd", "--force")).code).toBe(1);
});

test("doctor names option, file and cause, and is silent after the repair", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  await done("issue", "agent");
  rmSync(file("ca-key.pem"));
  await done("jwt-keys", "--curve", "p384");
  const config = path.join(path.dirname(folder), "backend.yml");
  const write = (lines: string[]): void => writeFileSync(config, `${lines.join("\n")}\n`);
  const base = [
    `trusted-ca-file: ${file("ca.pem")}`,
    `cert-file: ${file("b1.lab.test.pem")}`,
    `agent-auth-trusted-ca-file: ${file("ca.pem")}`,
    `jwt-private-key-file: ${file("jwt-private-key.pem")}`,
    `jwt-public-key-file: ${file("jwt-public-key.pem")}`,
  ];
  write([
    ...base,
    `key-file: ${file("gone.pem")}`,
    "api-url: http://b1.lab.test:8080",
    `agent-auth-cert-file: ${file("agent.pem")}`,
    `agent-auth-key-file: ${file("agent-key.pem")}`,
  ]);
  const ill = await pki("doctor", "--backend", config);
  expect(ill.code).toBe(2);
  expect(ill.out.split("\n").filter((line) => line !== "")).toEqual([
    `error: key-file: open ${file("gone.pem")}: no such file or directory`,
    `error: agent-auth-cert-file: ${file("agent.pem")} is not for server auth, so the other side refuses it`,
    "warning: api-url: http://b1.lab.test:8080 does not fit: the API speaks https",
  ]);
  write([...base, `key-file: ${file("b1.lab.test-key.pem")}`, "api-url: https://b1.lab.test:8080"]);
  expect(await done("doctor", "--backend", config)).toBe("no findings\n");
  write([...base, `key-file: ${file("b1.lab.test-key.pem")}`, "api-url: https://elsewhere.test:8080"]);
  expect((await pki("doctor", "--backend", config)).code).toBe(1);
  const agent = path.join(path.dirname(folder), "agent.yml");
  writeFileSync(
    agent,
    `cert-file: ${file("agent.pem")}\nkey-file: ${file("b1.lab.test-key.pem")}\nbackend-url: [ws://b1.lab.test:8081]\n`,
  );
  expect(await pki("doctor", "--agent", agent)).toMatchObject({
    code: 2,
    out: expect.stringMatching(/key-file.*does not belong[\s\S]*backend-url/),
  });
});

test("the names are plain files; foreign ones stay", async () => {
  const bin = path.join(path.dirname(folder), "bin");
  await done("names", "install", bin);
  expect(statSync(path.join(bin, "cfssl")).mode & 0o777).toBe(0o755);
  await done("names", "install", bin);
  await done("names", "remove", bin);
  expect(readdirSync(bin)).toEqual([]);
  writeFileSync(path.join(bin, "cfssl"), "#!/bin/sh\n");
  expect((await pki("names", "install", bin)).code).toBe(1);
  expect((await pki("names", "remove", bin)).code).toBe(1);
  expect(readdirSync(bin)).toEqual(["cfssl"]);
});

test("trust install prints the steps of other systems and refuses while the CA's key is there", async () => {
  await done("init");
  const steps = await done("trust", "install", "--dry-run", "--platform", "rhel");
  expect(steps.split("\n").slice(2)).toEqual([
    "yum install -y ca-certificates",
    "update-ca-trust force-enable",
    `ln -sfv ${file("ca.pem")} /etc/pki/ca-trust/source/anchors/sensu-ca.pem`,
    "update-ca-trust",
    "",
  ]);
  expect(await done("trust", "install", "--dry-run", "--platform", "macos")).toContain(
    "security add-trusted-cert -d -r trustRoot",
  );
  expect(await done("trust", "install", "--dry-run", "--platform", "windows")).toContain("certutil -addstore -f Root");
  if (existsSync("/etc/debian_version")) expect((await pki("trust", "install")).err).toContain(file("ca-key.pem"));
});

test("processes that issue at the same time take turns, past the lock of one that died", {
  timeout: 60_000,
}, async () => {
  await done("init");
  writeFileSync(file(".sensu-pki.lock"), String(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" })).trim());
  const main = path.join(import.meta.dirname, "../main.ts");
  const names = ["n1", "n2", "n3", "n4"];
  const run = promisify(execFile);
  await Promise.all(
    names.map((name) => run(process.execPath, [main, "sensu-pki", "issue", "agent", name, "--dir", folder])),
  );
  const index = JSON.parse(readFileSync(file("index.json"), "utf8")) as {
    certificates: { file: string; serial: string }[];
  };
  expect(index.certificates.map((entry) => entry.file).sort()).toEqual([
    "ca.pem",
    ...names.map((name) => `${name}.pem`),
  ]);
  expect(new Set(index.certificates.map((entry) => entry.serial)).size).toBe(5);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("certificates authenticate both sides of a TLS connection; check reads what a server shows", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  await done("issue", "agent");
  const pem = (name: string): Buffer => readFileSync(file(name));
  const server = tls.createServer({
    cert: pem("b1.lab.test.pem"),
    key: pem("b1.lab.test-key.pem"),
    ca: pem("ca.pem"),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const peer = new Promise<string>((resolve, reject) => {
    server.once("tlsClientError", reject);
    server.once("secureConnection", (socket) => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = tls.connect({
    host: "127.0.0.1",
    port,
    servername: "b1.lab.test",
    cert: pem("agent.pem"),
    key: pem("agent-key.pem"),
    ca: pem("ca.pem"),
  });
  try {
    expect(await peer).toBe("agent");
    expect(socket.authorized).toBe(true);
    const served = await pki("check", "--connect", `localhost:${port}`);
    expect(served.out).toMatch(/^OK: 1 certificates\nnotAfter=/);
  } finally {
    socket.destroy();
    server.close();
  }
});
