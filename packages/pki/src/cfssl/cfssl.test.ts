/** Errors, exit codes, streams and files of the two cfssl names (S-440, S-56 to S-71, S-476, S-477). */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCertificate } from "../cert.ts";
import { readCrl } from "../crl.ts";
import { readRequest } from "../csr.ts";
import type { Io } from "../io.ts";
import { cfssl } from "./cfssl.ts";
import { cfssljson } from "./cfssljson.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "cfssl-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  code: number;
  out: string;
  err: string;
}

async function run(program: typeof cfssl, input: string, words: string[], env: Io["env"] = {}): Promise<Result> {
  const texts = { out: "", err: "" };
  const io: Io = {
    out: (text) => {
      texts.out += text;
    },
    err: (text) => {
      texts.err += text;
    },
    input: async () => input,
    env,
    now: () => new Date(),
  };
  return { code: await program(words, io), ...texts };
}

const file = (name: string): string => path.join(folder, name);
const EC = { algo: "ecdsa", size: 256 };

async function makeCa(name = "ca"): Promise<void> {
  const made = await run(cfssl, JSON.stringify({ CN: `CA ${name}`, key: EC }), ["gencert", "-initca", "-"]);
  expect(made.code).toBe(0);
  expect((await run(cfssljson, made.out, ["-bare", file(name)])).code).toBe(0);
}

const signing = (): string[] => ["-ca", file("ca.pem"), "-ca-key", file("ca-key.pem")];

test("one line of JSON on stdout, log lines on stderr", async () => {
  await makeCa();
  const made = await run(cfssl, JSON.stringify({ CN: "x", hosts: [""], key: EC }), ["gencert", ...signing(), "-"]);
  expect(made.out).toMatch(/^\{"cert":"-----BEGIN CERTIFICATE-----\\n.*","csr":".*","key":".*\\n"\}\n$/);
  const texts = made.err.trimEnd().split("\n");
  expect(texts.map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, "").replace(/\d{20,}$/, "N"))).toEqual([
    "[INFO] generate received request",
    "[INFO] received CSR",
    "[INFO] generating key: ecdsa-256",
    "[INFO] encoded CSR",
    "[INFO] signed certificate with serial number N",
  ]);
  const { cert } = JSON.parse(made.out) as { cert: string };
  expect(readCertificate(cert).hosts.dns).toEqual([""]);
  expect((await run(cfssl, JSON.stringify({ CN: "x", key: EC }), ["gencert", ...signing(), "-"])).err).toContain(
    '[WARNING] This certificate lacks a "hosts" field',
  );
});

test("failures have cfssl's numbers and exit 1 without output", async () => {
  await makeCa();
  await makeCa("other");
  writeFileSync(file("config.json"), '{"signing":{"default":{"expiry":"30d"}}}');
  writeFileSync(file("two.pem"), readFileSync(file("ca.pem"), "utf8").repeat(2));
  writeFileSync(file("cut.json"), "{");
  writeFileSync(file("empty.json"), "{}");
  writeFileSync(
    file("white.json"),
    '{"signing":{"default":{"usages":["signing"],"expiry":"1h","name_whitelist":"^ok$"}}}',
  );
  const leaf = JSON.stringify({ CN: "x", key: EC });
  const cases: [string, string[], string | RegExp][] = [
    [
      JSON.stringify({ CN: "x", key: { algo: "rsa", size: 1024 } }),
      ["gencert", "-initca", "-"],
      '{"code":2400,"message":"RSA key is too weak"}\n',
    ],
    [
      JSON.stringify({ CN: "x", key: { algo: "rsa", size: 9000 } }),
      ["genkey", "-"],
      '{"code":2400,"message":"RSA key size too large"}\n',
    ],
    [
      JSON.stringify({ CN: "x", key: { algo: "ecdsa", size: 5 } }),
      ["genkey", "-"],
      '{"code":2400,"message":"invalid curve"}\n',
    ],
    [
      JSON.stringify({ CN: "x", key: { algo: "dsa", size: 5 } }),
      ["genkey", "-"],
      '{"code":2400,"message":"invalid algorithm"}\n',
    ],
    ["{}", ["gencert", "-initca", "-"], '{"code":5300,"message":"missing subject information"}\n'],
    [JSON.stringify({ CN: "x", ca: {} }), ["gencert", ...signing(), "-"], "ca section only permitted in initca\n"],
    ["", ["gencert", ...signing(), "-"], "unexpected end of JSON input\n"],
    ['{"CN":', ["gencert", ...signing(), "-"], "unexpected end of JSON input\n"],
    [
      leaf,
      ["gencert", "-ca", file("none"), "-ca-key", file("ca-key.pem"), "-"],
      `open ${file("none")}: no such file or directory\n`,
    ],
    [
      leaf,
      ["gencert", "-ca", file("ca.pem"), "-ca-key", file("none"), "-"],
      `{"code":1001,"message":"open ${file("none")}: no such file or directory"}\n`,
    ],
    ["junk", ["genkey", "-"], "invalid character 'j' looking for beginning of value\n"],
    ["", ["genkey"], "not enough arguments are supplied --- please refer to the usage\n"],
    [leaf, ["gencert", "-"], "need a CA certificate (provide one with -ca)\n"],
    [leaf, ["gencert", "-ca", file("ca.pem"), "-ca-key", file("other-key.pem"), "-"], /^\{"code":1000,/],
    [
      leaf,
      ["gencert", "-ca", file("two.pem"), "-ca-key", file("ca-key.pem"), "-"],
      '{"code":1003,"message":"the PEM file should contain only one object"}\n',
    ],
    [leaf, ["gencert", "-ca", "foo:x", "-ca-key", file("ca-key.pem"), "-"], "unknown prefix: foo\n"],
    [
      leaf,
      ["gencert", "-config", file("none"), ...signing(), "-"],
      'Failed to load config file: {"code":5200,"message":"could not read configuration file"}',
    ],
    [leaf, ["gencert", "-config", file("config.json"), ...signing(), "-"], /unknown unit \\"d\\"/],
    [
      leaf,
      ["gencert", "-config", file("cut.json"), ...signing(), "-"],
      'Failed to load config file: {"code":5200,"message":"failed to unmarshal configuration: unexpected end of JSON input"}',
    ],
    [
      leaf,
      ["gencert", "-config", file("empty.json"), ...signing(), "-"],
      'Failed to load config file: No "signing" field present',
    ],
    ["", ["gencert", "-renewca", "-ca", file("ca.pem"), "-ca-key", file("other-key.pem")], /^\{"code":2300,/],
    [leaf, ["gencert", "-ca", folder, "-ca-key", file("ca-key.pem"), "-"], `read ${folder}: is a directory\n`],
    [leaf, ["gencert", "-config", file("white.json"), ...signing(), "-"], /\{"code":5500,/],
    ["", ["certinfo"], "Must specify certinfo target through -cert, -csr, -domain or -serial + -aki\n"],
    ["", ["serve"], /sensu-pki/],
  ];
  for (const [input, words, expected] of cases) {
    const result = await run(cfssl, input, words);
    expect({ words, code: result.code, out: result.out }).toEqual({ words, code: 1, out: "" });
    const text = result.err.replace(/^(?:\d{4}\/.*\[INFO\].*\n)+/, "").replace(/^\d{4}\/.*\[(?:ERROR|WARNING)\] /, "");
    if (typeof expected === "string") expect(text).toBe(expected);
    else expect(text).toMatch(expected);
  }
  expect((await run(cfssl, "", ["gencert", "-nope"])).code).toBe(2);
});

test.each([
  [{}, "ecdsa-256"],
  [{ size: 384 }, "ecdsa-384"],
  [null, "ecdsa-256"],
])("the key %j is %s: what is not given keeps its default (S-24)", async (key, made) => {
  const { code, err } = await run(cfssl, JSON.stringify({ CN: "x", key }), ["genkey", "-"]);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining(`generating key: ${made}\n`) });
});

test("an OCSP answer that is no base64 leaves no file", async () => {
  const { code, err } = await run(cfssljson, '{"ocspResponse":"!!"}', ["-bare", file("a")]);
  expect({ code, err }).toEqual({ code: 1, err: "Failed to parse ocspResponse: illegal base64 data\n" });
  expect(readdirSync(folder)).toEqual([]);
});

test("a misspelt profile signs by the default one with a warning", async () => {
  await makeCa();
  writeFileSync(
    file("c.json"),
    '{"signing":{"default":{"usages":["client auth"],"expiry":"1h"},"profiles":{"backend":{"usages":["server auth"],"expiry":"1h"}}}}',
  );
  const made = await run(cfssl, JSON.stringify({ CN: "x", key: EC }), [
    "gencert",
    "-config",
    file("c.json"),
    "-profile=bakend",
    ...signing(),
    "-",
  ]);
  expect(made.err).toContain('[WARNING] there is no profile "bakend"');
  expect(readCertificate((JSON.parse(made.out) as { cert: string }).cert).extendedKeyUsages).toEqual([
    "1.3.6.1.5.5.7.3.2",
  ]);
});

test("the CA's key may come from a variable, a request and a list from other commands", async () => {
  await makeCa();
  const env = { KEY: readFileSync(file("ca-key.pem"), "utf8") };
  const request = await run(cfssl, JSON.stringify({ CN: "h", hosts: ["h.test"], key: { algo: "ed25519" } }), [
    "genkey",
    "-",
  ]);
  const { csr } = JSON.parse(request.out) as { csr: string };
  expect(readRequest(csr).hosts.dns).toEqual(["h.test"]);
  writeFileSync(file("h.csr"), csr);
  const signed = await run(
    cfssl,
    '{"CN":"renamed"}',
    ["sign", "-ca", file("ca.pem"), "-ca-key", "env:KEY", file("h.csr"), "-"],
    env,
  );
  const certificate = readCertificate((JSON.parse(signed.out) as { cert: string }).cert);
  expect([certificate.commonName, certificate.hosts.dns]).toEqual(["renamed", ["h.test"]]);
  const list = await run(cfssl, "4660\n", ["gencrl", "-", file("ca.pem"), file("ca-key.pem"), "60"]);
  expect(list.out).toMatch(/^[A-Za-z0-9+/=]+\n$/);
  const crl = readCrl(Buffer.from(list.out, "base64"));
  expect([[...crl.serials], (crl.nextUpdate?.getTime() ?? 0) - crl.thisUpdate.getTime()]).toEqual([["1234"], 60_000]);
  const info = await run(cfssl, "", ["certinfo", "-cert", file("ca.pem")]);
  expect(JSON.parse(info.out)).toMatchObject({
    subject: { common_name: "CA ca", names: ["CA ca"] },
    authority_key_id: "",
    sigalg: "ECDSAWithSHA256",
  });
  expect(Object.keys(JSON.parse((await run(cfssl, "", ["gencert", "-renewca", ...signing()])).out) as object)).toEqual([
    "cert",
  ]);
});

test("written again, a file keeps its mode and a link its target; nothing else is left", async () => {
  await makeCa();
  expect(statSync(file("ca-key.pem")).mode & 0o777).toBe(0o600);
  chmodSync(file("ca.pem"), 0o400);
  symlinkSync("real.csr", file("link.csr"));
  writeFileSync(file("real.csr"), "old", { mode: 0o640 });
  const output = JSON.stringify({ cert: "C\n", csr: "R\n", key: "K\n" });
  expect((await run(cfssljson, output, ["-bare", file("ca"), "-"])).code).toBe(0);
  expect([readFileSync(file("ca.pem"), "utf8"), statSync(file("ca.pem")).mode & 0o777]).toEqual(["C\n", 0o400]);
  expect((await run(cfssljson, '{"csr":"N\\n"}', ["-bare", file("link")])).code).toBe(0);
  expect([readFileSync(file("real.csr"), "utf8"), statSync(file("real.csr")).mode & 0o777]).toEqual(["N\n", 0o640]);
  expect(readdirSync(folder).sort()).toEqual(["ca-key.pem", "ca.csr", "ca.pem", "link.csr", "real.csr"]);
  expect((await run(cfssljson, output, ["-bare", "-stdout"])).out.replace(/\n+/g, " ").trim()).toBe("C K R");
});

test("a CA made over another names the certificates that lose it", async () => {
  await makeCa();
  const leaf = await run(cfssl, JSON.stringify({ CN: "x", hosts: ["h"], key: EC }), ["gencert", ...signing(), "-"]);
  await run(cfssljson, leaf.out, ["-bare", file("leaf")]);
  const next = await run(cfssl, JSON.stringify({ CN: "CA ca", key: EC }), ["gencert", "-initca", "-"]);
  const saved = await run(cfssljson, next.out, ["-bare", file("ca")]);
  expect(saved.code).toBe(0);
  expect(saved.err).toMatch(/\[WARNING\] the new ca\.pem .*leaf\.pem\n$/);
});

test("cfssljson reads answers of the API and refuses without quoting its input", async () => {
  const answer = JSON.stringify({
    success: true,
    result: { certificate: "C\n", private_key: "K\n" },
    errors: [],
    messages: [],
  });
  expect((await run(cfssljson, answer, [file("api")])).code).toBe(0);
  expect(readFileSync(file("api-key.pem"), "utf8")).toBe("K\n");
  const why = { errors: [{ code: 1, message: "no such profile" }], messages: [{ code: 2, message: "by the way" }] };
  const failed = JSON.stringify({ success: false, ...why });
  expect(await run(cfssljson, failed, [])).toMatchObject({ code: 1, err: "Request failed:\n\tno such profile\n" });
  const broken = await run(cfssljson, '{"key":"SECRETKEY', ["-bare"]);
  expect(broken.code).toBe(1);
  expect(broken.err).toBe("Failed to parse input: unexpected end of JSON input\n");
  expect((await run(cfssljson, '{"key":SECRETKEY}', ["-bare"])).err).toBe(
    "Failed to parse input: invalid JSON input\n",
  );
  expect((await run(cfssljson, "", ["-bare"])).err).toBe("Failed to parse input: unexpected end of JSON input\n");
  const version = await run(cfssljson, "", ["-version"]);
  expect(version.out).toMatch(/^Version: 1\.4\.1\nRuntime: go1\.12\.12 .*\n$/);
  expect((await run(cfssl, "", ["version"])).out).toBe(version.out);
});
