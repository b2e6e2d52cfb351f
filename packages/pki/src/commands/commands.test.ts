/** CA, issue, renew, revoke and check by their results in a folder, judged by OpenSSL (S-440 to S-443). */
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { readCertificate } from "../cert.ts";
import { readCrl } from "../crl.ts";
import { beside, done, file, mode, openssl, pki, place, read } from "./test-folder.ts";

test("SD-000-07 a CA, a backend and an agent: names, usages, modes, list", async () => {
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
  expect(readdirSync(place.folder).some((name) => name.startsWith("."))).toBe(false);
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

test("a CA made anew by force keeps the old one aside and names what it leaves without trust", async () => {
  await done("init");
  await done("issue", "agent");
  const old = { certificate: readFileSync(file("ca.pem"), "utf8"), key: readFileSync(file("ca-key.pem"), "utf8") };
  const said = await done("init", "--force");
  expect(said).toContain("kept as ca.pem.1 and ca-key.pem.1\n");
  expect(said).toContain("does not verify these certificates of the old one: agent.pem\n");
  expect(readFileSync(file("ca.pem.1"), "utf8")).toBe(old.certificate);
  expect([readFileSync(file("ca-key.pem.1"), "utf8"), mode("ca-key.pem.1")]).toEqual([old.key, "600"]);
  expect(openssl("verify", "-CAfile", file("ca.pem.1"), file("agent.pem")).status).toBe(0);
  expect(await done("init", "--force")).toContain("kept as ca.pem.2 and ca-key.pem.2\n");
  expect(readFileSync(file("ca-key.pem.1"), "utf8")).toBe(old.key);
  rmSync(file("ca-key.pem"));
  expect((await pki("trust", "install")).err).toContain(`${file("ca-key.pem.1")} and ${file("ca-key.pem.2")}`);
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
  place.now = new Date(place.now.getTime() + 181 * 86_400_000);
  const late = await pki("check", file("b1.lab.test.pem"));
  expect(late).toMatchObject({ code: 2, out: expect.stringContaining("expired") });
});

test("renewal keeps key, subject and names, gives a new serial and keeps the old pair", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  const before = read("b1.lab.test.pem");
  const key = readFileSync(file("b1.lab.test-key.pem"), "utf8");
  chmodSync(file("b1.lab.test.pem"), 0o440);
  place.now = new Date(place.now.getTime() + 100 * 86_400_000);
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
  const secret = beside("passphrase");
  const wrong = beside("wrong");
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
  const request = beside("h1.test.csr");
  const key = beside("h1.key");
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
  writeFileSync(beside("bad.csr"), damaged);
  expect((await pki("sign", beside("bad.csr"), "--profile", "backend")).code).toBe(1);
  expect((await pki("sign", request, "--profile", "backnd", "--force")).code).toBe(1);
});

test("check tells of a certificate that was emptied, and is not stopped by what is no file (S-78)", async () => {
  await done("init");
  await done("issue", "agent");
  mkdirSync(file("folder.pem"));
  symlinkSync("nowhere", file("link.pem"));
  expect(await pki("check")).toMatchObject({ code: 0, out: expect.stringMatching(/^OK: 2 certificates\n/) });
  chmodSync(file("agent.pem"), 0o600);
  writeFileSync(file("agent.pem"), read("agent.pem").der.subarray(0, 20));
  const { code, out } = await pki("check");
  expect({ code, first: out.split("\n")[0] }).toEqual({
    code: 2,
    first: `CRITICAL: ${file("agent.pem")} holds no certificate`,
  });
});

test.each([["list"], ["renew", "--all"], ["check"]])(
  "%s of a folder that is not there is a slip in its name",
  async (...words) => {
    const { code, err } = await pki(...words);
    expect(code).not.toBe(0);
    expect(err).toContain(`open ${place.folder}: no such directory`);
  },
);

test("a port that cannot be is told as the other slips of a command line: a plugin's UNKNOWN", async () => {
  expect(await pki("check", "--connect", "localhost:99999")).toMatchObject({ code: 3 });
});
