/**
 * The certificate guide typed as printed, by somebody with our `cfssl` and by somebody with Debian's: one machine each.
 * Ids are rows of the checklist of the guides.
 */
import { Machine, type Shell, type Typed } from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { comparableStructure, comparableText, showCommands } from "./openssl-text.ts";
import { AGENT, BACKENDS, CA, FILES_13, FILES_15, FOLDER, MODE, OWNER, PROFILES, TRUST, VERSIONS } from "./seed-000.ts";

interface Seen extends Typed {
  /** `mode owner group name` of each file afterwards. */
  readonly files: readonly string[];
}

/** Everything one reader saw, by the name of the step. */
interface Reading {
  readonly machine: Machine;
  readonly shell: Shell;
  readonly steps: ReadonlyMap<string, Seen>;
  /** Contents when the last pair was made, as OpenSSL shows them. */
  readonly shown: ReadonlyMap<string, { text: string; structure: string }>;
}

const STEPS: readonly (readonly [string, string])[] = [
  ["mkdir", FOLDER[0]],
  ["cd", FOLDER[1]],
  ["ca", CA],
  ["profiles", PROFILES],
  ["backend-1", BACKENDS[0] ?? ""],
  ["backend-2", BACKENDS[1] ?? ""],
  ["backend-3", BACKENDS[2] ?? ""],
  ["owner", OWNER],
  ["mode", MODE],
  ["agent", AGENT],
  ["rm", "cp ca-key.pem /root/ca-key.pem && rm ca-key.pem"],
  ["owner again", OWNER],
  ["mode again", MODE],
  ["trust mode", TRUST.mode],
  ["trust owner", TRUST.owner],
];

async function read(implementation: "ours" | "genuine"): Promise<Reading> {
  const machine = await Machine.start();
  const shell = machine.login();
  await shell.done("umask 022");
  if (implementation === "ours") await shell.done("sensu-pki names install; hash -r");
  const steps = new Map<string, Seen>();
  const shown = new Map<string, { text: string; structure: string }>();
  for (const [name, lines] of STEPS) {
    const typed = await shell.type(lines);
    const files = await shell.done("find /etc/sensu/tls -mindepth 1 -printf '%m %u %g %f\\n' | sort -k 4");
    steps.set(name, { ...typed, files: files.split("\n").filter((line) => line !== "") });
  }
  for (const file of FILES_15.filter((each) => /(?<!-key)\.(?:pem|csr)$/.test(each))) {
    const [text = "", parsed = ""] = showCommands(file);
    shown.set(file, {
      text: comparableText(await shell.done(text)),
      structure: comparableStructure(await shell.done(parsed)),
    });
  }
  return { machine, shell, steps, shown };
}

let ours: Reading;
let genuine: Reading;

beforeAll(async () => {
  [ours, genuine] = await Promise.all([read("ours"), read("genuine")]);
});

afterAll(async () => {
  for (const reading of [ours, genuine]) {
    await reading?.shell[Symbol.asyncDispose]();
    await reading?.machine[Symbol.asyncDispose]();
  }
});

const names = (seen: Seen | undefined): string[] => (seen?.files ?? []).map((line) => line.split(" ")[3] ?? "").sort();

function step(name: string, reading = ours): Seen {
  const seen = reading.steps.get(name);
  if (seen === undefined) throw new Error(`no step ${name}`);
  return seen;
}

/** Log lines without time and serial. */
const log = (seen: Seen): string =>
  seen.err.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /gm, "").replace(/\d{20,}/g, "N");

const text = (file: string): string => ours.shown.get(file)?.text ?? "";

describe("every step, ours beside the genuine tool", () => {
  test.each(STEPS.map(([name]) => name))("step %s: same status, output, files, owners and modes", (name) => {
    expect(step(name)).toMatchObject({ status: 0, out: step(name, genuine).out });
    expect(step(name).files).toEqual(step(name, genuine).files);
    expect(log(step(name)).split("\n").sort()).toEqual(log(step(name, genuine)).split("\n").sort());
  });

  test("SD-000-52 SD-003-25 SD-003-26 every certificate and request equals the genuine one field by field", () => {
    expect([...ours.shown.keys()].length).toBe(10);
    for (const [file, shown] of ours.shown) expect({ file, ...shown }).toEqual({ file, ...genuine.shown.get(file) });
  });
});

test("SD-000-16 no folder /etc/sensu/tls before the guide makes it", async () => {
  await using machine = await Machine.start();
  expect((await machine.shell("test ! -e /etc/sensu/tls")).code).toBe(0);
});

test("SD-000-17 the folder's line may be typed twice", async () => {
  expect(await ours.shell.type(FOLDER.join("\n"))).toMatchObject({ status: 0, out: "", err: "" });
  expect(await ours.shell.done("stat -c '%a %U' /etc/sensu/tls")).toBe("755 root\n");
});

test("SD-000-14 SD-000-15 both version commands show what the guide tells to look for", async () => {
  for (const line of VERSIONS) {
    const { status, out } = await ours.shell.type(line);
    expect({ line, status }).toEqual({ line, status: 0 });
    expect(out).toContain("1.4.1");
    expect(out).toContain("go1.12.12");
    expect(out).toMatch(/node v\d/);
  }
});

test("SD-000-13 the mode line changes nothing of ours", async () => {
  const modes = () => ours.shell.done("stat -c '%a %n' /usr/local/bin/*");
  const before = await modes();
  await ours.shell.done("sudo chmod +x /usr/local/bin/cfssl*");
  expect(await modes()).toBe(before);
  expect(before).toContain("755 /usr/local/bin/cfssljson\n");
});

test("SD-000-18 the CA: five years, CA:TRUE critical, certificate and list signing, log lines only", () => {
  const { out, err } = step("ca");
  expect(out).toBe("");
  expect(err).toMatch(/^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[INFO\] .+\n)+$/);
  expect(names(step("ca"))).toEqual(["ca-key.pem", "ca.csr", "ca.pem"]);
  expect(text("ca.pem")).toContain("X509v3 Basic Constraints: critical\n                CA:TRUE\n");
  expect(text("ca.pem")).toContain("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n");
  expect(text("ca.pem")).toContain(`lasts ${43_800 * 3600} s`);
});

test("SD-000-08 only the CA is self-signed: leaves bear its name and key identifier", async () => {
  const field = (file: string, words: string) => genuine.shell.done(`openssl x509 -noout ${words} -in ${file}`);
  const keyId = (shown: string) => /(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/.exec(shown)?.[0];
  const ca = keyId(await field("ca.pem", "-ext subjectKeyIdentifier"));
  for (const leaf of ["backend-1.example.com.pem", "agent.pem"]) {
    expect(await genuine.shell.done(`openssl verify -CAfile ca.pem ${leaf}`)).toBe(`${leaf}: OK\n`);
    expect(await field(leaf, "-issuer")).toBe("issuer=CN = Sensu Test CA\n");
    expect(keyId(await field(leaf, "-ext authorityKeyIdentifier"))).toBe(ca);
  }
});

test("SD-000-22 SD-000-23 SD-000-25 the CA's files: certificate and request 0644, key 0600", () => {
  expect(step("ca").files).toEqual(["600 root root ca-key.pem", "644 root root ca.csr", "644 root root ca.pem"]);
});

test("SD-000-34 SD-000-37 SD-000-38 SD-000-39 three files for each backend and nothing else", () => {
  for (const [at, name] of ["backend-1", "backend-2", "backend-3"].entries()) {
    const before = names(step(["profiles", "backend-1", "backend-2"][at] ?? ""));
    const added = names(step(name)).filter((file) => !before.includes(file));
    expect(added).toEqual([`${name}.example.com-key.pem`, `${name}.example.com.csr`, `${name}.example.com.pem`]);
  }
});

test("SD-000-36 NAME is the common name and the files' base", () => {
  expect(text("backend-2.example.com.pem")).toContain("Subject: CN = backend-2.example.com\n");
});

test("SD-000-31 SD-000-32 names typed in ADDRESS are in, the full name is not, as the guide has it", async () => {
  for (const n of [1, 2, 3]) {
    const file = `backend-${n}.example.com.pem`;
    expect(text(file)).toContain(`DNS:localhost, DNS:backend-${n}, IP Address:127.0.0.1, IP Address:10.0.0.${n}\n`);
    const fits = (option: string, name: string) =>
      ours.shell.done(`openssl x509 -noout ${option} ${name} -in ${file}`).then((said) => said.includes("does match"));
    expect(await fits("-checkhost", `backend-${n}`)).toBe(true);
    expect(await fits("-checkip", `10.0.0.${n}`)).toBe(true);
    expect(await fits("-checkhost", `backend-${n}.example.com`)).toBe(false);
  }
});

test("SD-000-31 our own command puts the full name in", async () => {
  await using machine = await Machine.start();
  const made = await machine.text(`sensu-pki init && sensu-pki issue backend backend-1.example.com --san 10.0.0.1
cd /etc/sensu/tls
for name in backend-1.example.com backend-1 localhost; do openssl x509 -noout -checkhost $name -in backend-1.example.com.pem; done
for ip in 10.0.0.1 127.0.0.1 ::1; do openssl x509 -noout -checkip $ip -in backend-1.example.com.pem; done`);
  expect(made.match(/does match certificate/g)).toHaveLength(6);
  expect(made).not.toContain("NOT");
});

test("SD-000-35 addresses of every kind, a wildcard and an empty item land as in the genuine tool", async () => {
  const lines = `cd /root; export ADDRESS='10.1.2.3,fd00::7,extra.test,*.lab.test,,a@b.test' NAME=many
echo '{"CN":"'$NAME'","hosts":[""],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -config=/etc/sensu/tls/ca-config.json -profile="backend" -ca=/etc/sensu/tls/ca.pem -ca-key=/root/ca-key.pem -hostname="$ADDRESS" - 2>/dev/null | cfssljson -bare $NAME
openssl x509 -noout -ext subjectAltName -in many.pem
rm many*; cd /etc/sensu/tls`;
  const mine = await ours.shell.done(lines);
  expect(mine).toBe(await genuine.shell.done(lines));
  for (const part of ["IP Address:10.1.2.3", "FD00", "DNS:*.lab.test", "email:a@b.test", "DNS:,"]) {
    expect(mine.toUpperCase()).toContain(part.toUpperCase());
  }
});

test("SD-000-19 SD-001-44 SD-001-45 usages and life by profile, and by the default without one", async () => {
  const issue = (profile: string) =>
    ours.shell.done(`echo '{"CN":"client","hosts":[""],"key":{"algo":"rsa","size":2048}}' | cfssl gencert -config=ca-config.json -ca=ca.pem -ca-key=/root/ca-key.pem -hostname="" ${profile} - 2>/dev/null | cfssljson -bare /tmp/client
openssl x509 -in /tmp/client.pem -text -noout`);
  const client = "TLS Web Client Authentication\n";
  const cases = [
    ["-profile=backend", `TLS Web Server Authentication, ${client}`, 4320],
    ["-profile=agent", `                ${client}`, 4320],
    ["", `                ${client}`, 17_520],
  ] as const;
  for (const [profile, usages, hours] of cases) {
    const shown = await issue(profile);
    expect(shown).toContain("Digital Signature, Key Encipherment\n");
    expect(shown).toContain(usages);
    expect(comparableText(shown)).toContain(`lasts ${hours * 3600} s`);
    expect(shown).toContain("Version: 3 (0x2)\n");
    expect(shown).toMatch(/Serial Number:\n\s+(?:[0-9a-f]{2}:){19}[0-9a-f]{2}\n/);
    expect(shown).toContain("Signature Algorithm: sha256WithRSAEncryption\n");
    expect(shown).toContain("Issuer: CN = Sensu Test CA\n");
    expect(shown).toMatch(/Not Before: \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT\n\s+Not After : /);
    expect(shown).toContain("Subject: CN = client\n");
  }
});

test("SD-000-21 any Go duration is a life, of which five minutes lie in the past; days are refused", async () => {
  const issue = (expiry: string) =>
    ours.shell.type(`cd /tmp; echo '{"signing":{"default":{"expiry":"${expiry}","usages":["client auth"]}}}' > life.json
echo '{"CN":"x","hosts":[""],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -config=life.json -ca=/etc/sensu/tls/ca.pem -ca-key=/root/ca-key.pem -hostname="" - | cfssljson -bare life
openssl x509 -noout -text -in life.pem; rm -f life.pem; cd /etc/sensu/tls`);
  for (const hours of [1, 4320, 87_600]) {
    const { status, out } = await issue(`${hours}h`);
    expect(status).toBe(0);
    expect(comparableText(out)).toContain(`lasts ${hours * 3600} s`);
    const start = Date.parse(/Not Before: (.*)/.exec(out)?.[1] ?? "");
    expect(Math.abs(Date.now() - 300_000 - start)).toBeLessThanOrEqual(45_000);
  }
  const refused = await issue("30d");
  expect(refused.status).not.toBe(0);
  expect(refused.err).toContain("30d");
});

test("SD-000-40 SD-000-41 SD-000-42 a backend's files: certificate and request 0644, key 0600", () => {
  const made = step("backend-3").files.filter((line) => line.includes("backend-1"));
  expect(made.sort()).toEqual([
    "600 root root backend-1.example.com-key.pem",
    "644 root root backend-1.example.com.csr",
    "644 root root backend-1.example.com.pem",
  ]);
});

test("SD-000-43 SD-003-28 thirteen files, whose keys are not spelt as in the guide's listing", () => {
  expect(names(step("backend-3"))).toEqual(FILES_13);
});

test("SD-000-45 SD-000-46 SD-000-56 afterwards every pem file is 0400 and of user sensu", () => {
  for (const name of ["mode", "mode again"]) {
    const pem = step(name).files.filter((line) => line.endsWith(".pem"));
    expect(pem.length).toBe(name === "mode" ? 8 : 9);
    for (const line of pem) expect(line).toMatch(/^400 sensu root /);
  }
});

test("SD-000-47 only sensu and root can read a key then", async () => {
  const key = "/etc/sensu/tls/backend-1.example.com-key.pem";
  const nobody = await ours.shell.type(`runuser -u nobody -- cat ${key}`);
  expect(nobody).toMatchObject({ status: 1, out: "", err: expect.stringContaining("Permission denied") });
  expect(await ours.shell.done(`sudo -u sensu cat ${key}`)).toContain("PRIVATE KEY");
});

test("SD-000-50 SD-000-51 the agent's certificate: a common name, no address, three files", async () => {
  const before = names(step("mode"));
  expect(names(step("agent")).filter((file) => !before.includes(file))).toEqual([
    "agent-key.pem",
    "agent.csr",
    "agent.pem",
  ]);
  expect(text("agent.pem")).toContain("Subject: CN = agent\n");
  expect(text("agent.pem")).toMatch(/Subject Alternative Name: \n\s+DNS:\n/);
  const seen = await ours.shell.type("sensu-pki check agent.pem && sensu-pki list");
  expect(seen).toMatchObject({ status: 0, out: expect.stringContaining("notAfter=") });
});

test("SD-000-53 the agent's files before the last lines: certificate and request 0644, key 0600", () => {
  const made = step("agent")
    .files.filter((line) => /\bagent[.-]/.test(line))
    .sort();
  expect(made).toEqual(["600 root root agent-key.pem", "644 root root agent.csr", "644 root root agent.pem"]);
});

test("SD-000-55 SD-003-28 fifteen files after the CA's key is gone", () => {
  expect(names(step("rm"))).toEqual(FILES_15);
});

test("SD-000-58 SD-000-44 SD-000-54 without the CA's key nothing more can be issued, and it is said why", async () => {
  const refused = await ours.shell.type("sensu-pki issue agent another");
  expect(refused.status).toBe(1);
  expect(refused.err).toContain("/etc/sensu/tls/ca-key.pem");
  expect(refused.err).toContain("archived");
});

test("SD-000-60 SD-000-61 ca.pem is everybody's again, the rest stays", () => {
  const files = step("trust owner").files;
  expect(files).toContain("644 root root ca.pem");
  expect(files).toContain("400 sensu root backend-1.example.com-key.pem");
});

test("SD-000-27 SD-003-18 each backend's pair serves and connects, the agent's only connects", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(["sensu-pki names install; hash -r", ...FOLDER, CA, PROFILES, ...BACKENDS, AGENT].join("\n"));
  for (const n of [1, 2, 3]) {
    const file = `backend-${n}.example.com.pem`;
    for (const purpose of ["sslserver", "sslclient"]) {
      await shell.done(`openssl verify -CAfile ca.pem -purpose ${purpose} ${file}`);
    }
  }
  await shell.done("openssl verify -CAfile ca.pem -purpose sslclient agent.pem");
  expect((await shell.type("openssl verify -CAfile ca.pem -purpose sslserver agent.pem")).status).not.toBe(0);
});
