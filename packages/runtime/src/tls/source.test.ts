import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import { afterEach, expect, test } from "vitest";
import { type ServerTlsOptions, ServerTlsSource } from "./source.ts";
import { testLog } from "./test-log.ts";

const DAY = 86_400_000;
const ca = TestCa.root();
const folders: string[] = [];
const sources: ServerTlsSource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tls-source-"));
  folders.push(folder);
  return folder;
}

function sourceOf(files: { certFile: string; keyFile: string }, more: Partial<ServerTlsOptions> = {}) {
  const log = testLog();
  // The test looks itself; the timer never comes round.
  const options = { option: "cert-file", keyOption: "key-file", ...files, log, pollMs: 3_600_000, ...more };
  const source = new ServerTlsSource(options);
  sources.push(source);
  return { source, log, serial: () => source.certificates()[0]?.serial };
}

/** One round of polling. */
const poll = (source: ServerTlsSource) => source.poll();
const issue = (days = 90) => ca.issueServer({ notAfter: new Date(Date.now() + days * DAY) });

/** What certbot leaves: links in `live` to numbered files in `archive`. */
function certbotFolder(first: TestPair) {
  const folder = newFolder();
  const [live, archive] = [path.join(folder, "live"), path.join(folder, "archive")];
  mkdirSync(live);
  mkdirSync(archive);
  const put = (generation: number, pair: TestPair) => {
    writeFileSync(path.join(archive, `fullchain${generation}.pem`), pair.chainPem);
    writeFileSync(path.join(archive, `privkey${generation}.pem`), pair.keyPem, { mode: 0o600 });
  };
  const point = (name: "fullchain" | "privkey", generation: number) => {
    rmSync(path.join(live, `${name}.pem`), { force: true });
    symlinkSync(`../archive/${name}${generation}.pem`, path.join(live, `${name}.pem`));
  };
  put(1, first);
  point("fullchain", 1);
  point("privkey", 1);
  return { put, point, certFile: path.join(live, "fullchain.pem"), keyFile: path.join(live, "privkey.pem") };
}

test("links switched one after the other: the old pair serves in between, with one error (S-162, S-451)", async () => {
  const [first, second] = [issue(), issue()];
  const folder = certbotFolder(first);
  const { source, log, serial } = sourceOf(folder);
  await source.start();
  folder.put(2, second);
  await poll(source);
  expect(log.lines).toEqual([]);
  folder.point("privkey", 2);
  await poll(source);
  await poll(source);
  expect(serial()).toBe(first.serial);
  expect(log.lines).toEqual([expect.stringMatching(/^error: cert-file not reloaded.*private key does not match/)]);
  folder.point("fullchain", 2);
  await poll(source);
  expect(serial()).toBe(second.serial);
  expect(log.lines.slice(1)).toEqual([expect.stringMatching(/^warn: cert-file reloaded/)]);
});

test("a dated folder swapped by one link, as an orchestrator does (S-488)", async () => {
  const [first, second] = [issue(), issue()];
  const folder = newFolder();
  for (const [day, pair] of [
    ["..one", first],
    ["..two", second],
  ] as const) {
    mkdirSync(path.join(folder, day));
    pair.write(path.join(folder, day), "tls");
  }
  symlinkSync("..one", path.join(folder, "..data"));
  for (const name of ["tls.pem", "tls-key.pem"]) symlinkSync(`..data/${name}`, path.join(folder, name));
  const files = { certFile: path.join(folder, "tls.pem"), keyFile: path.join(folder, "tls-key.pem") };
  const { source, log, serial } = sourceOf(files);
  await source.start();
  symlinkSync("..two", path.join(folder, "..next"));
  renameSync(path.join(folder, "..next"), path.join(folder, "..data"));
  await poll(source);
  expect(serial()).toBe(second.serial);
  expect(log.lines).toHaveLength(1);
});

const intermediate = ca.intermediate();
test.each([
  [
    "half of the certificate",
    "tls: failed to find any PEM data in certificate input",
    (pem: string) => pem.slice(0, pem.length / 4),
  ],
  ["a chain cut off in its second certificate", "is cut off or not base64", (pem: string) => pem.slice(0, -80)],
  ["nothing", "tls: failed to find any PEM data in certificate input", () => ""],
  ["something else", "tls: failed to find any PEM data in certificate input", () => "hello"],
])("while the file holds %s the old pair serves; whole again, it is taken", async (_what, reason, cut) => {
  const [first, second] = [issue(), intermediate.issueServer()];
  const files = first.write(newFolder(), "b1");
  const { source, log, serial } = sourceOf(files);
  await source.start();
  second.write(path.dirname(files.certFile), "b1");
  writeFileSync(files.certFile, cut(second.chainPem));
  await poll(source);
  expect(serial()).toBe(first.serial);
  expect(log.lines).toEqual([expect.stringContaining(reason)]);
  writeFileSync(files.certFile, second.chainPem);
  await poll(source);
  expect(source.certificates().map((one) => one.commonName)).toEqual(["localhost", "Test intermediate CA"]);
});

test("what is cut off at the start is left out and told; the same file later changes nothing", async () => {
  const pair = intermediate.issueServer();
  const files = pair.write(newFolder(), "b1");
  writeFileSync(files.certFile, pair.chainPem.slice(0, -80));
  const { source, log, serial } = sourceOf(files);
  await source.start();
  expect(serial()).toBe(pair.serial);
  expect(log.lines).toEqual([expect.stringMatching(/^warn: cert-file: .*b1\.pem is cut off or not base64; the rest/)]);
  await source.reload();
  expect(log.lines.slice(1)).toEqual(["warn: cert-file is unchanged"]);
});

test("a file taken away keeps the pair; put back unchanged, nothing is said to be new", async () => {
  const files = issue().write(newFolder(), "b1");
  const { source, log } = sourceOf(files);
  await source.start();
  copyFileSync(files.certFile, `${files.certFile}.away`);
  rmSync(files.certFile);
  await poll(source);
  renameSync(`${files.certFile}.away`, files.certFile);
  await poll(source);
  expect(log.lines).toEqual([expect.stringContaining(`open ${files.certFile}: no such file or directory`)]);
});

const at = (days: number) => new Date(Date.now() + days * DAY);
const valid = { notAfter: at(30) };
const expired = { notBefore: at(-30), notAfter: at(-2) };
const expiredLater = { notBefore: at(-30), notAfter: at(-1) };
const notYet = { notBefore: at(1), notAfter: at(60) };
test.each([
  ["an expired pair in the place of a valid one", valid, expired, false],
  ["a pair of the future in the place of a valid one", valid, notYet, false],
  ["a valid pair that ends sooner", valid, { notAfter: at(10) }, true],
  ["an expired pair that lasted longer than the present, expired one", expired, expiredLater, true],
  ["an expired pair that ended before the present, expired one", expiredLater, expired, false],
  ["a valid pair in the place of an expired one", expired, valid, true],
])("%s (S-482)", async (_what, before, after, taken) => {
  const [first, second] = [ca.issueServer(before), ca.issueServer(after)];
  const files = first.write(newFolder(), "b1");
  const { source, serial } = sourceOf(files);
  await source.start();
  second.write(path.dirname(files.certFile), "b1");
  await poll(source);
  expect(serial()).toBe(taken ? second.serial : first.serial);
});

test("a pair of the future waits for its time, without another change of its file", async () => {
  const [first, second] = [ca.issueServer(valid), ca.issueServer(notYet)];
  const files = first.write(newFolder(), "b1");
  let now = Date.now();
  const { source, serial, log } = sourceOf(files, { now: () => now });
  await source.start();
  second.write(path.dirname(files.certFile), "b1");
  await poll(source);
  expect(serial()).toBe(first.serial);
  now += 2 * DAY;
  await poll(source);
  expect(serial()).toBe(second.serial);
  expect(log.lines).toEqual([expect.stringContaining("is not valid before"), expect.stringContaining("reloaded")]);
});

test("an expired pair serves at start, with an error that names option, file, subject and date", async () => {
  const files = ca.issueServer(expired).write(newFolder(), "b1");
  const { source, log } = sourceOf(files);
  await source.start();
  const date = expired.notAfter.toISOString().slice(0, 19);
  expect(log.lines).toEqual([
    `error: cert-file ${files.certFile}: certificate CN=localhost expired at ${date}Z; it is served all the same`,
  ]);
});

test("a reload says what came of it, with both dates (S-163)", async () => {
  const [first, second] = [issue(10), issue(50)];
  const files = first.write(newFolder(), "b1");
  const { source } = sourceOf(files);
  await source.start();
  const before = first.certificate.notAfter.getTime();
  expect(await source.reload()).toEqual({ option: "cert-file", changed: false, before, after: before });
  let heard = 0;
  source.onChange(() => heard++);
  second.write(path.dirname(files.certFile), "b1");
  const after = second.certificate.notAfter.getTime();
  expect(await source.reload()).toEqual({ option: "cert-file", changed: true, before, after });
  writeFileSync(files.keyFile, "");
  expect(await source.reload()).toMatchObject({ changed: false, before: after, after, error: expect.any(String) });
  expect(heard).toBe(1);
});

test.each([
  ["b1.acme.example", "b1.acme.example-key.pem", "b1-key.acme.example.pem"],
  ["b1.acme.example", "b1-key.acme.example.pem", "b1.key"],
  ["fullchain", "privkey.pem", "key.pem"],
  ["cert", "key.pem", "cert.key"],
  ["fullchain3", "privkey3.pem", "privkey.pem"],
])("certificate %s: the key %s is found where %s is configured (S-475)", async (name, there, configured) => {
  const folder = newFolder();
  const pair = issue();
  const { certFile, keyFile } = pair.write(folder, name);
  renameSync(keyFile, path.join(folder, there));
  // A key that belongs to another certificate is passed over.
  const stranger = path.join(folder, "privkey.pem");
  if (there !== "privkey.pem" && configured !== "privkey.pem") writeFileSync(stranger, issue().keyPem, { mode: 0o600 });
  const { source, log } = sourceOf({ certFile, keyFile: path.join(folder, configured) });
  await source.start();
  const [asked, used] = [configured, there].map((file) => path.join(folder, file));
  expect(log.lines).toEqual([`warn: key-file ${asked} does not exist: ${used} fits ${certFile} and is used instead`]);
});

test("a key with the label that newer cfssl writes is served: Go takes any that ends in PRIVATE KEY (S-55)", async () => {
  const pair = ca.issueServer({ key: "ed25519" });
  const { certFile, keyFile } = pair.write(newFolder(), "cert");
  writeFileSync(keyFile, pair.keyPem.replaceAll(" PRIVATE KEY", " Ed25519 PRIVATE KEY"), { mode: 0o600 });
  const { source, serial } = sourceOf({ certFile, keyFile });
  await source.start();
  expect(serial()).toBe(pair.serial);
  expect(await readFile(keyFile, "utf8")).toContain("BEGIN Ed25519 PRIVATE KEY");
});

test("a configured key that exists is never passed over for one that would fit", async () => {
  const { certFile, keyFile } = issue().write(newFolder(), "cert");
  const wrong = path.join(path.dirname(certFile), "wrong.pem");
  writeFileSync(wrong, issue().keyPem, { mode: 0o600 });
  expect(keyFile).toMatch(/cert-key\.pem$/);
  await expect(sourceOf({ certFile, keyFile: wrong }).source.start()).rejects.toThrow("does not match public key");
});

type Spoil = (files: { certFile: string; keyFile: string }) => void;
const spoilt: readonly (readonly [string, Spoil, string])[] = [
  ["no certificate file", ({ certFile }) => rmSync(certFile), "open CERT: no such file or directory"],
  [
    "a folder for a certificate",
    ({ certFile }) => {
      rmSync(certFile);
      mkdirSync(certFile);
    },
    "read CERT: is a directory",
  ],
  [
    "no key file",
    ({ keyFile }) => rmSync(keyFile),
    "open KEY: no such file or directory [also tried FOLDER/b1-key.pem",
  ],
  [
    "no key in the key file",
    ({ keyFile }) => writeFileSync(keyFile, "-"),
    "tls: failed to find any PEM data in key input",
  ],
  [
    "another key",
    ({ keyFile }) => writeFileSync(keyFile, issue().keyPem),
    "tls: private key does not match public key",
  ],
  [
    "a key for the certificate",
    ({ certFile, keyFile }) => copyFileSync(keyFile, certFile),
    "tls: failed to find certificate PEM data in certificate input, but did find a private key",
  ],
];
test.each(spoilt)("%s: the start says it in the original's words (S-115)", async (_what, spoil, text) => {
  const folder = newFolder();
  const { certFile } = issue().write(folder, "b1");
  const keyFile = path.join(folder, "b1.key");
  renameSync(path.join(folder, "b1-key.pem"), keyFile);
  spoil({ certFile, keyFile });
  const said = text.replace("CERT", certFile).replace("KEY", keyFile).replace("FOLDER", folder);
  const { source } = sourceOf({ certFile, keyFile });
  await expect(source.start()).rejects.toThrow(`Error loading tls server certificate: ${said}`);
});

function madeByOpenssl(folder: string, ...key: string[]) {
  const [certFile, keyFile] = [path.join(folder, "odd.pem"), path.join(folder, "odd-key.pem")];
  execFileSync("openssl", ["genpkey", "-out", keyFile, ...key], { stdio: "ignore" });
  execFileSync("openssl", ["req", "-x509", "-new", "-key", keyFile, "-subj", "/CN=b1", "-out", certFile]);
  return { certFile, keyFile };
}
const onCurve = (name: string) => ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${name}`];
test.each([
  ["x509: unsupported elliptic curve", onCurve("secp256k1")],
  ["x509: unsupported elliptic curve", onCurve("P-224")],
  ["x509: RSA key of 1024 bits is too weak, it needs 2048", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]],
])("a key with which no handshake succeeds is refused: %s", async (why, key) => {
  const files = madeByOpenssl(newFolder(), ...key);
  const refused = `Error loading tls server certificate: ${why} [${files.certFile}]`;
  await expect(sourceOf(files).source.start()).rejects.toThrow(refused);
});

test("a key that everybody can read is warned about, or refused under strict-permissions (S-404)", async () => {
  const { certFile, keyFile } = issue().write(newFolder(), "b1");
  const open = path.join(path.dirname(keyFile), "open.pem");
  copyFileSync(keyFile, open);
  chmodSync(open, 0o644);
  const warned = sourceOf({ certFile, keyFile: open });
  await warned.source.start();
  expect(warned.log.lines).toEqual([
    expect.stringMatching(/^warn: private key .*open\.pem is readable by everybody \(mode 0644, owner \d+\)/),
  ]);
  const strict = sourceOf({ certFile, keyFile: open }, { strictPermissions: true });
  await expect(strict.source.start()).rejects.toThrow("strict-permissions forbids");
  chmodSync(open, 0o640);
  await sourceOf({ certFile, keyFile: open }, { strictPermissions: true }).source.start();
});
