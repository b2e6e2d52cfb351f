/** names and trust, turns of processes, and the certificates at work (S-473, S-479). */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { beside, done, file, pki, place } from "./test-folder.ts";

test("the names are plain files; foreign ones stay", async () => {
  const bin = beside("bin");
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
    names.map((name) => run(process.execPath, [main, "sensu-pki", "issue", "agent", name, "--dir", place.folder])),
  );
  const index = JSON.parse(readFileSync(file("index.json"), "utf8")) as {
    certificates: { file: string; serial: string }[];
  };
  expect(index.certificates.map((entry) => entry.file).sort()).toEqual([
    "ca.pem",
    ...names.map((name) => `${name}.pem`),
  ]);
  expect(new Set(index.certificates.map((entry) => entry.serial)).size).toBe(5);
  expect(readdirSync(place.folder).filter((name) => name.startsWith("."))).toEqual([]);
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

test("check --connect takes no common name for a name, and addresses without a word of Node's (S-113)", async () => {
  await done("init");
  await done("issue", "agent", "localhost");
  await done("issue", "backend", "b1.lab.test");
  const warnings: string[] = [];
  const listener = (warning: Error) => warnings.push(warning.message);
  process.on("warning", listener);
  try {
    for (const [name, host, says] of [
      ["localhost", "localhost", /^CRITICAL: localhost:\d+ is not valid for localhost\n/],
      ["b1.lab.test", "127.0.0.1", /^OK: 1 certificates\n/],
    ] as const) {
      const [cert, key] = [readFileSync(file(`${name}.pem`)), readFileSync(file(`${name}-key.pem`))];
      const server = tls.createServer({ cert, key }, (socket) => socket.on("error", () => undefined));
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      try {
        const { port } = server.address() as AddressInfo;
        expect((await pki("check", "--connect", `${host}:${port}`)).out).toMatch(says);
      } finally {
        server.close();
      }
    }
  } finally {
    process.off("warning", listener);
  }
  expect(warnings).toEqual([]);
});
