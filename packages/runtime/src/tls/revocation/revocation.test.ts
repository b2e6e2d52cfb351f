/** Revocation lists and responders: where they come from, when they count, and what happens when they are away. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createCrl, toPem } from "@sensu-ts/pki";
import { freePort, Program, TestCa, type TestPair } from "@sensu-ts/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { testLog } from "../test-log.ts";
import { Revocation, type RevocationOptions } from "./revocation.ts";

const root = TestCa.root({ cn: "root" });
const namesake = TestCa.root({ cn: "root" });
const below = root.intermediate({ cn: "below" });
const good = root.issue({ cn: "good" });
const bad = root.issue({ cn: "bad" });
const HOUR = 3_600_000;

const answers = new Map<string, Buffer | number>();
const asked: string[] = [];
const server = http.createServer((request, response) => {
  const url = request.url ?? "";
  asked.push(url);
  const answer = answers.get(url) ?? 404;
  if (url === "/moved") response.writeHead(302, { Location: "/list" }).end();
  else if (typeof answer === "number") response.writeHead(answer).end();
  else response.end(answer);
});
let base = "";
const folder = mkdtempSync(path.join(tmpdir(), "revocation-"));
const running: Revocation[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  answers.clear();
  asked.splice(0);
  rmSync(path.join(folder, "crl"), { recursive: true, force: true });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const clock = { offset: 0, now: () => Date.now() + clock.offset };

async function started(more: Partial<RevocationOptions> = {}, authorities = [root.certificate]) {
  clock.offset = 0;
  const log = testLog();
  const revocation = new Revocation({
    ...{ crlUrls: [`${base}/list`], refreshMs: HOUR, hardFail: false, checkCertificates: false },
    ...{ stateDir: folder, log, now: clock.now },
    ...more,
  });
  running.push(revocation);
  await revocation.start(() => authorities);
  return { revocation, log };
}
const check = (revocation: Revocation, pair: TestPair) => revocation.check([pair.certificate, root.certificate]);
const listed = /^certificate is revoked \(serial [0-9A-F]+ in /;

test.each([
  ["DER", (der: Buffer) => der],
  ["PEM", (der: Buffer) => Buffer.from(toPem("X509 CRL", der))],
  ["one line of base64, as cfssl prints it", (der: Buffer) => Buffer.from(`${der.toString("base64")}\n`)],
])("a list in %s", async (_, encode) => {
  answers.set("/list", encode(root.crl([bad])));
  const { revocation } = await started();
  expect(await check(revocation, bad)).toBe(`certificate is revoked (serial ${bad.serial} in ${base}/list)`);
  expect(await check(revocation, good)).toBeUndefined();
});

test.each([
  ["a path", (file: string) => file],
  ["a file URL", (file: string) => pathToFileURL(file).href],
])("a list at %s", async (_, name) => {
  const file = path.join(folder, "ca.crl");
  writeFileSync(file, root.crl([bad]));
  const { revocation } = await started({ crlUrls: [name(file)] });
  expect(await check(revocation, bad)).toMatch(listed);
});

test("a redirection is followed", async () => {
  answers.set("/list", root.crl([bad]));
  const { revocation } = await started({ crlUrls: [`${base}/moved`] });
  expect(await check(revocation, bad)).toMatch(listed);
});

test("a list of an authority of the same name says nothing about this one's", async () => {
  answers.set("/list", namesake.crl([bad]));
  const { revocation, log } = await started();
  expect(await check(revocation, bad)).toBeUndefined();
  expect(log.lines).toContain("error: error refreshing a revocation list, using the last copy");
});

test("while both keys of an authority are trusted, a list signed by either counts", async () => {
  answers.set("/list", namesake.crl([bad]));
  const { revocation } = await started({}, [root.certificate, namesake.certificate]);
  expect(await check(revocation, bad)).toMatch(listed);
});

test("a revoked intermediate refuses what it issued", async () => {
  const leaf = below.issue();
  const intermediate = { certificate: below.certificate } as TestPair;
  answers.set("/list", root.crl([intermediate]));
  const { revocation } = await started();
  expect(await revocation.check([leaf.certificate, below.certificate, root.certificate])).toMatch(listed);
});

test("the last good copy outlives a restart without the server, and is private", async () => {
  answers.set("/list", root.crl([bad]));
  await started();
  answers.clear();
  const { revocation, log } = await started();
  expect(await check(revocation, bad)).toMatch(listed);
  expect(await check(revocation, good)).toBeUndefined();
  expect(log.lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
  const [file = ""] = readdirSync(path.join(folder, "crl"));
  expect(statSync(path.join(folder, "crl", file)).mode & 0o777).toBe(0o600);
});

test.each([
  ["status 500", 500],
  ["nonsense", Buffer.from("<html>")],
  ["an empty answer", Buffer.alloc(0)],
  ["a cut list", root.crl([]).subarray(0, 40)],
  ["more than fits", Buffer.alloc(9 << 20)],
  ["somebody else's list", namesake.crl([])],
])("what is no list is not taken: %s", async (_, answer) => {
  answers.set("/list", root.crl([bad]));
  const { revocation } = await started();
  answers.set("/list", answer);
  await revocation.refresh();
  expect(await check(revocation, bad)).toMatch(listed);
});

test("a list that cannot be kept on disk counts all the same, also under hard fail, and is told of", async () => {
  // Where the folder would have to be.
  writeFileSync(path.join(folder, "crl"), "");
  answers.set("/list", root.crl([bad]));
  const { revocation, log } = await started({ hardFail: true });
  expect(revocation.obstacle).toBeUndefined();
  expect(await check(revocation, bad)).toMatch(listed);
  let changes = 0;
  revocation.onChange(() => changes++);
  answers.set("/list", root.crl([bad, good], { number: 2 }));
  await revocation.refresh();
  expect(changes).toBe(1);
  expect(await check(revocation, good)).toMatch(listed);
  expect(log.lines.filter((line) => line.startsWith("error:"))).toEqual([
    "error: a revocation list cannot be kept on disk: after a restart it must be fetched before it counts",
  ]);
});

test("an older list does not replace a newer one", async () => {
  const [before, after] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)];
  const older = createCrl(root.certificate, root.key, [], before, after);
  answers.set("/list", root.crl([bad]));
  const { revocation } = await started();
  answers.set("/list", older);
  await revocation.refresh();
  expect(await check(revocation, bad)).toMatch(listed);
});

test("hard fail lets nobody in without a list, nor after its end, and all again with a new one", async () => {
  const { revocation } = await started({ hardFail: true });
  expect(revocation.obstacle).toBe(`revocation cannot be checked: ${base}/list: answered with status 404`);
  answers.set("/list", root.crl([], { nextUpdate: new Date(Date.now() + HOUR) }));
  await revocation.refresh();
  expect(revocation.obstacle).toBeUndefined();
  clock.offset = HOUR + 1000;
  expect(revocation.obstacle).toMatch(/the list should have been renewed at/);
  expect((await started()).revocation.obstacle).toBeUndefined();
});

test("a list past its end is still used, with an error", async () => {
  answers.set("/list", root.crl([bad], { nextUpdate: new Date(Date.now() - HOUR) }));
  const { revocation, log } = await started();
  expect(await check(revocation, bad)).toMatch(listed);
  expect(log.lines).toContain("error: error refreshing a revocation list, using the last copy");
});

test("lists are fetched again by themselves, and a change is told", async () => {
  answers.set("/list", root.crl([]));
  const { revocation } = await started({ refreshMs: 1000 });
  const changed = new Promise<void>((resolve) => revocation.onChange(resolve));
  answers.set("/list", root.crl([bad]));
  await changed;
  expect(await check(revocation, bad)).toMatch(listed);
});

test("a list that a certificate names is asked only when that is wanted, and not again at once", async () => {
  const pair = root.issue({ crlUrls: [`${base}/named`, "ldap://127.0.0.1/x", "file:///etc/passwd"] });
  answers.set("/named", root.crl([pair]));
  expect(await check((await started({ crlUrls: [] })).revocation, pair)).toBeUndefined();
  expect(asked).toEqual([]);
  const { revocation } = await started({ crlUrls: [], checkCertificates: true });
  const results = await Promise.all([check(revocation, pair), check(revocation, pair)]);
  results.push(await check(revocation, pair));
  for (const result of results) expect(result).toMatch(listed);
  expect(asked).toEqual(["/named"]);
});

test("a list that a certificate names and that is away refuses nobody", async () => {
  const pair = root.issue({ crlUrls: [`${base}/away`] });
  const { revocation, log } = await started({ crlUrls: [], checkCertificates: true, hardFail: true });
  expect([revocation.obstacle, await check(revocation, pair)]).toEqual([undefined, undefined]);
  expect(log.lines).toContain("warn: revocation list of a certificate is not at hand");
});

test("OpenSSL's responder is asked once for each certificate; without it nobody is refused", async () => {
  const port = await freePort();
  const ocspUrls = [`http://127.0.0.1:${port}`];
  const [fine, gone, late] = [root.issue({ ocspUrls }), root.issue({ ocspUrls }), root.issue({ ocspUrls })];
  root.write(folder, "ocsp-ca");
  writeFileSync(path.join(folder, "ocsp.key"), root.key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const line = (pair: TestPair, at: string) =>
    `${at === "" ? "V" : "R"}\t350101000000Z\t${at}\t${pair.serial}\tunknown\t/CN=x\n`;
  writeFileSync(path.join(folder, "index.txt"), line(fine, "") + line(gone, "250101000000Z"));
  const responder = new Program(
    [
      ...["openssl", "ocsp", "-port", String(port), "-index", "index.txt", "-CA", "ocsp-ca.pem", "-rsigner"],
      ...["ocsp-ca.pem", "-rkey", "ocsp.key", "-nmin", "5", "-text"],
    ],
    { cwd: folder },
  );
  await responder.waitForLine(/waiting for OCSP client connections/i);
  const { revocation, log } = await started({ crlUrls: [], checkCertificates: true });
  expect(await check(revocation, fine)).toBeUndefined();
  expect(await check(revocation, gone)).toBe("certificate is revoked (OCSP status revoked)");
  await responder.kill();
  expect(await check(revocation, gone)).toBe("certificate is revoked (OCSP status revoked)");
  expect(await check(revocation, late)).toBeUndefined();
  expect(log.lines).toEqual(["warn: OCSP responder gave no usable answer"]);
});
