/** The guide's shell lines, run with ours and with Debian's cfssl, compared by what OpenSSL prints (S-438, S-439). */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
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
import { afterAll, beforeAll, expect, test } from "vitest";

const main = path.join(import.meta.dirname, "../main.ts");
let root = "";
let ours = "";
let genuine = "";

/** A folder whose `name` runs `command`; found first on PATH. */
function program(folder: string, name: string, command: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${command}\n`);
  chmodSync(path.join(folder, name), 0o755);
}

function findGenuine(name: string): string {
  return execFileSync("sh", ["-c", `PATH=/usr/bin:/usr/local/go/bin command -v ${name}`], { encoding: "utf8" }).trim();
}

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "cfssl-"));
  ours = path.join(root, "ours-bin");
  genuine = path.join(root, "genuine-bin");
  mkdirSync(genuine);
  for (const name of ["cfssl", "cfssljson"]) {
    program(ours, name, `exec '${process.execPath}' '${main}' ${name} "$@"`);
    symlinkSync(findGenuine(name), path.join(genuine, name));
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ran {
  status: number;
  out: string;
  err: string;
}

function shell(folder: string, bin: string, script: string): Ran {
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  const err = path.join(root, "stderr");
  try {
    const out = execFileSync("bash", ["-c", `umask 022; exec 2>'${err}'; ${script}`], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    return { status: 0, out, err: readFileSync(err, "utf8") };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, out: stdout, err: readFileSync(err, "utf8") };
  }
}

function openssl(...words: string[]): string {
  return execFileSync("openssl", words, { encoding: "utf8" });
}

/** OpenSSL's text without serial, key bits, identifiers and signature; dates as the span between them. */
function text(file: string): string {
  const kind = file.endsWith(".csr") ? "req" : "x509";
  const lines = openssl(kind, "-in", file, "-noout", "-text").split("\n");
  const dates = lines
    .filter((line) => /Not (?:Before|After)/.test(line))
    .map((line) => Date.parse(line.replace(/^.*? : |^.*?: /, "")));
  const rest = lines.filter((line) => !/^\s+(?:[0-9a-fA-F]{2}:)+|^\s+[0-9a-f]{2}$|Not (?:Before|After)/.test(line));
  return [...rest, `lasts ${((dates[1] ?? 0) - (dates[0] ?? 0)) / 3_600_000} h`].join("\n");
}

const CA = `echo '{"CN":"Sensu Test CA","key":{"algo":"rsa","size":2048}}' | cfssl gencert -initca - | cfssljson -bare ca -`;
const CONFIG = `echo '{"signing":{"default":{"expiry":"17520h","usages":["signing","key encipherment","client auth"]},"profiles":{"backend":{"usages":["signing","key encipherment","server auth","client auth"],"expiry":"4320h"},"agent":{"usages":["signing","key encipherment","client auth"],"expiry":"4320h"}}}}' > ca-config.json`;
const backend = (n: number): string => `export ADDRESS=localhost,127.0.0.1,10.0.0.${n},backend-${n}
export NAME=backend-${n}.example.com
echo '{"CN":"'$NAME'","hosts":[""],"key":{"algo":"rsa","size":2048}}' | cfssl gencert -config=ca-config.json -profile="backend" -ca=ca.pem -ca-key=ca-key.pem -hostname="$ADDRESS" - | cfssljson -bare $NAME`;
const AGENT = `export NAME=agent
echo '{"CN":"'$NAME'","hosts":[""],"key":{"algo":"rsa","size":2048}}' | cfssl gencert -config=ca-config.json -ca=ca.pem -ca-key=ca-key.pem -hostname="" -profile=agent - | cfssljson -bare $NAME`;

test("the guide's lines give 13 then 16 files whose content equals genuine cfssl's", { timeout: 120_000 }, () => {
  const lines = ["set -o pipefail", CA, CONFIG, backend(1), backend(2), backend(3)].join("\n");
  const folders = [path.join(root, "guide-ours"), path.join(root, "guide-genuine")] as const;
  for (const [at, bin] of [ours, genuine].entries()) {
    const folder = folders[at] ?? "";
    const ran = shell(folder, bin, lines);
    expect(ran).toMatchObject({ status: 0, out: "" });
    expect(readdirSync(folder)).toHaveLength(13);
    expect(shell(folder, bin, `set -o pipefail\n${AGENT}`).status).toBe(0);
  }
  const [mine, theirs] = folders;
  expect(readdirSync(mine)).toEqual(readdirSync(theirs));
  for (const file of readdirSync(mine)) {
    expect({ file, mode: statSync(path.join(mine, file)).mode }).toEqual({
      file,
      mode: statSync(path.join(theirs, file)).mode,
    });
    if (file.endsWith("-key.pem")) {
      expect(statSync(path.join(mine, file)).mode & 0o777).toBe(0o600);
      expect(readFileSync(path.join(mine, file), "utf8").split("\n")[0]).toBe("-----BEGIN RSA PRIVATE KEY-----");
    } else if (/\.(?:pem|csr)$/.test(file)) expect(text(path.join(mine, file))).toBe(text(path.join(theirs, file)));
  }
  expect(
    openssl(
      "verify",
      "-CAfile",
      path.join(mine, "ca.pem"),
      path.join(mine, "backend-1.example.com.pem"),
      path.join(mine, "agent.pem"),
    ),
  ).toMatch(/OK\n.*OK\n/);
  const shown = text(path.join(mine, "backend-1.example.com.pem"));
  expect(shown).toContain("DNS:localhost, DNS:backend-1, IP Address:127.0.0.1, IP Address:10.0.0.1\n");
  expect(shown).toContain("lasts 4320 h");
  expect(text(path.join(mine, "agent.pem"))).toMatch(/DNS:\n/);
});

test("ours and genuine can each read what the other prints", { timeout: 60_000 }, () => {
  const mixed = path.join(root, "mixed-bin");
  program(mixed, "cfssl", `exec '${ours}/cfssl' "$@"`);
  program(mixed, "cfssljson", `exec '${genuine}/cfssljson' "$@"`);
  const other = path.join(root, "other-bin");
  program(other, "cfssl", `exec '${genuine}/cfssl' "$@"`);
  program(other, "cfssljson", `exec '${ours}/cfssljson' "$@"`);
  const folder = path.join(root, "mixed");
  expect(shell(folder, mixed, `set -o pipefail\n${CA}\n${CONFIG}`).status).toBe(0);
  expect(shell(folder, other, `set -o pipefail\n${AGENT}`).status).toBe(0);
  expect(openssl("verify", "-CAfile", `${folder}/ca.pem`, `${folder}/agent.pem`)).toContain("OK");
});

const KEYS = ["rsa 2048", "rsa 3072", "rsa 4096", "ecdsa 256", "ecdsa 384", "ecdsa 521"];

test("every key type that genuine cfssl knows gives the same certificates, names and extensions", {
  timeout: 180_000,
}, () => {
  for (const key of KEYS) {
    const [algo, size] = key.split(" ");
    const json = `{"algo":"${algo}","size":${size}}`;
    // Large RSA keys take seconds; one CA and one leaf of each size are enough.
    const quick = algo === "rsa" ? '{"algo":"ecdsa","size":256}' : json;
    const script = `set -o pipefail
echo '{"CN":"C & A","key":${json},"names":[{"C":"US","ST":"CA","L":"SF","O":"Acme"},{"O":"Beta_1","OU":"x"}],"ca":{"expiry":"2000h","pathlen":2},"hosts":["a.b","10.1.1.1"]}' | cfssl gencert -initca - | cfssljson -bare ca
echo '{"signing":{"default":{"expiry":"24h","usages":["signing","server auth","code signing","crl sign","email protection","any"],"ocsp_url":"http://o.test","issuer_urls":["http://i.test/a","http://i.test/b"],"crl_url":"http://c.test/crl"},"profiles":{"sub":{"usages":["cert sign"],"expiry":"3h","backdate":"1h","ca_constraint":{"is_ca":true,"max_path_len":1}}}}}' > c.json
echo '{"CN":"leaf","key":${json},"names":[{"C":"DE"}],"hosts":["ignored"]}' | cfssl gencert -config c.json -ca ca.pem -ca-key ca-key.pem -hostname 'localhost,::1,1.2.3.4,,a b,*.x,x@y.z' - | cfssljson -bare leaf
echo '{"CN":"sub","key":${quick}}' | cfssl gencert -config c.json -profile sub -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare sub
echo '{"key":${quick},"hosts":["only.host"]}' | cfssl gencert -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare bare
cfssl sign -ca ca.pem -ca-key ca-key.pem -hostname signed.host leaf.csr | cfssljson -bare signed
cfssl gencert -renewca -ca ca.pem -ca-key ca-key.pem | cfssljson -bare renewed`;
    const folder = path.join(root, key.replace(" ", "-"));
    expect(shell(`${folder}-genuine`, genuine, script).status).toBe(0);
    expect(shell(`${folder}-ours`, ours, script)).toMatchObject({ status: 0 });
    expect(readdirSync(`${folder}-ours`)).toEqual(readdirSync(`${folder}-genuine`));
    for (const file of readdirSync(`${folder}-ours`).filter((name) => /(?<!-key)\.(?:pem|csr)$/.test(name))) {
      expect({ key, file, text: text(`${folder}-ours/${file}`) }).toEqual({
        key,
        file,
        text: text(`${folder}-genuine/${file}`),
      });
    }
    const verified = openssl(
      "verify",
      "-CAfile",
      `${folder}-ours/ca.pem`,
      `${folder}-ours/leaf.pem`,
      `${folder}-ours/sub.pem`,
    );
    expect(verified).toMatch(/OK\n.*OK\n/);
  }
});
