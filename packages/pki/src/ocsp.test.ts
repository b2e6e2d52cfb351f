import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestCa, type TestPair } from "@sensu-ts/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PkiError } from "./errors.ts";
import { createOcspRequest, readOcspResponse } from "./ocsp.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ocsp-"));
const ca = TestCa.root();
const stranger = TestCa.root();
const good = ca.issue();
const revoked = ca.issue();
const unknown = ca.issue();

/** A line of OpenSSL's database of issued certificates. */
function line(status: "V" | "R", pair: TestPair): string {
  return [status, "350101000000Z", status === "R" ? "250101000000Z" : "", pair.serial, "unknown", "/CN=agent"].join(
    "\t",
  );
}

beforeAll(() => {
  ca.write(folder);
  const key = ca.key.export({ type: "pkcs8", format: "pem" });
  writeFileSync(path.join(folder, "ca-key.pem"), key, { mode: 0o600 });
  writeFileSync(path.join(folder, "index.txt"), `${line("V", good)}\n${line("R", revoked)}\n`);
  // OpenSSL signs with any pair it is given.
  for (const [name, pair] of [
    ["plain", ca.issue({ usage: "client" })],
    ["foreign", stranger.issue()],
  ] as const) {
    pair.write(folder, name);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What OpenSSL's responder answers to our request. */
function answer(pair: TestPair, signer = "ca", ...more: string[]): Buffer {
  writeFileSync(path.join(folder, "request.der"), createOcspRequest(pair.certificate, ca.certificate));
  execFileSync(
    "openssl",
    [
      ...["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", `${signer}.pem`, "-rkey", `${signer}-key.pem`],
      ...["-reqin", "request.der", "-respout", "response.der", ...more],
    ],
    { cwd: folder, stdio: "pipe" },
  );
  return readFileSync(path.join(folder, "response.der"));
}

const read = (der: Buffer, pair: TestPair) => readOcspResponse(der, pair.certificate, ca.certificate, new Date());

test.each([
  ["good", good],
  ["revoked", revoked],
  ["unknown", unknown],
] as const)("a certificate OpenSSL calls %s", (status, pair) => {
  const result = read(answer(pair, "ca", "-nmin", "30"), pair);
  expect(result.status).toBe(status);
  expect(Number(result.nextUpdate) - Number(result.thisUpdate)).toBe(1_800_000);
});

test("an answer without end of validity", () => {
  expect(read(answer(good), good).nextUpdate).toBeUndefined();
});

test("an answer about another certificate is refused", () => {
  const der = answer(good);
  expect(() => read(der, revoked)).toThrowError("about another certificate");
});

test.each(["plain", "foreign"])("a signer without the authority's word for it is refused: %s", (signer) => {
  const der = answer(good, signer);
  expect(() => read(der, good)).toThrowError("not signed by the certificate's issuer or a responder of it");
});

test("a responder certified for it by the authority counts", () => {
  const responder = ca.issue({ usage: "ocspSigning" });
  responder.write(folder, "responder");
  expect(read(answer(revoked, "responder"), revoked).status).toBe("revoked");
});

test("a changed byte, a cut and a refusal are told", () => {
  const der = answer(revoked);
  const forged = Buffer.from(der);
  // From revoked [1] to unknown [2].
  const at = forged.indexOf(0xa1, forged.indexOf(Buffer.from(revoked.serial, "hex")));
  forged[at] = 0xa2;
  expect(() => read(forged, revoked)).toThrowError("not signed");
  for (let length = 0; length < der.length; length += 7) expect(() => read(der.subarray(0, length), revoked)).toThrow();
  expect(() => read(Buffer.from([0x30, 3, 0x0a, 1, 6]), good)).toThrowError("the OCSP responder refused: unauthorized");
});

test("damaged answers are read or refused, never crash", () => {
  const der = answer(revoked);
  const edit = fc.record({ at: fc.nat(der.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat(der.length), (edits, length) => {
      const bytes = Buffer.from(length % 3 === 0 ? der.subarray(0, length) : der);
      for (const { at, to } of edits) if (at < bytes.length) bytes[at] = to;
      try {
        read(bytes, revoked);
      } catch (error) {
        expect(error).toBeInstanceOf(PkiError);
      }
    }),
    { numRuns: 2000 },
  );
});
