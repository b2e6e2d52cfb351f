/** Readers against hostile input, and the rules of names, durations and configurations. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCa, validity } from "./ca.ts";
import { readCertificate, serialDecimal } from "./cert.ts";
import { createCrl, readCrl } from "./crl.ts";
import { createRequest, readRequest } from "./csr.ts";
import { context, contextPrimitive, integer, oid, readElement, readOid, readTime, sequence, time } from "./der.ts";
import { parseDuration } from "./duration.ts";
import { PkiError } from "./errors.ts";
import { extension, OID } from "./extensions.ts";
import { classifyHosts, encodeHosts, readHosts } from "./hosts.ts";
import { generateKey, readPrivateKey, signatureFor, signDocument } from "./keys.ts";
import { fromPem } from "./pem.ts";
import { caProfile, readConfig } from "./profiles.ts";
import { emptySubject, encodeSubject } from "./subject.ts";

/** `npm run test:long` asks for many more cases than usual. */
const FUZZ = Number(process.env["FUZZ_FACTOR"] ?? 1);

const key = generateKey({ algo: "ecdsa", size: 256 });
const subject = { ...emptySubject(), commonName: "Test CA", organization: ["b", "a"], country: ["DE"] };
const made = createCa({ subject, hosts: [] }, key, new Date());
const der = fromPem(made.certificate, "CERTIFICATE")[0] ?? Buffer.alloc(0);
const requestDer = fromPem(made.request, "CERTIFICATE REQUEST")[0] ?? Buffer.alloc(0);
const crlDer = createCrl(
  readCertificate(der),
  key,
  [{ serial: Buffer.from("ff01", "hex"), at: new Date(), reason: "superseded" }],
  new Date(),
  new Date(),
  1,
);

function damaged(original: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({ at: fc.nat(original.length - 1), to: fc.nat(255) });
  return fc.tuple(fc.array(edit, { maxLength: 4 }), fc.nat(original.length)).map(([edits, length]) => {
    const bytes = Buffer.from(original);
    for (const { at, to } of edits) bytes[at] = to;
    return length % 3 === 0 ? bytes.subarray(0, length) : bytes;
  });
}

test("damaged certificates, requests and lists are read or refused, never crash", () => {
  const cases: [Buffer, (bytes: Buffer) => unknown][] = [
    [der, readCertificate],
    [requestDer, readRequest],
    [crlDer, readCrl],
  ];
  for (const [original, read] of cases) {
    fc.assert(
      fc.property(damaged(original), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
      { numRuns: 500 * FUZZ },
    );
  }
});

test("a request that its own key did not sign is refused", () => {
  const other = fromPem(
    createRequest(encodeSubject(subject), classifyHosts([]), generateKey({ algo: "ecdsa", size: 256 })),
    "CERTIFICATE REQUEST",
  )[0];
  const forged = Buffer.from(requestDer);
  other?.subarray(-20).copy(forged, forged.length - 20);
  expect(() => readRequest(forged)).toThrow(PkiError);
});

test("lengths that are not the shortest or leave the input are refused", () => {
  for (const hex of ["30800000", "308101ff", "30820001ff", "3003", "30", "1f0100", "30850100000000"]) {
    expect(() => readElement(Buffer.from(hex, "hex"))).toThrow(PkiError);
  }
});

test("numbers, object identifiers and times have DER's one form", () => {
  expect(integer(0).toString("hex")).toBe("020100");
  expect(integer(128).toString("hex")).toBe("02020080");
  expect(integer(Buffer.from("0000ff", "hex")).toString("hex")).toBe("020200ff");
  for (const id of ["1.2.840.113549.1.1.11", "2.5.29.17", "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"]) {
    expect(readOid(readElement(oid(id)))).toBe(id);
  }
  expect(oid("1.2.840.113549").toString("hex")).toBe("06062a864886f70d");
  for (const [text, tag] of [
    ["2049-12-31T23:59:59Z", 0x17],
    ["2050-01-01T00:00:00Z", 0x18],
  ] as const) {
    expect(time(new Date(text))[0]).toBe(tag);
    expect(readTime(readElement(time(new Date(text))))).toEqual(new Date(text));
  }
  expect(serialDecimal(Buffer.from("0100000000000000000000", "hex"))).toBe("1208925819614629174706176");
});

test("hosts: address, e-mail, URI, else a DNS name as it stands", () => {
  const hosts = classifyHosts([
    "10.0.0.1",
    "::1",
    "::ffff:1.2.3.4",
    "2001:DB8::5",
    "x@y.z",
    "http://a/b",
    "spiffe://d/w",
    "/x",
    "",
    "a b",
    "*.x",
    "host:80",
    "1.2.3",
  ]);
  expect(hosts).toEqual({
    ip: ["10.0.0.1", "::1", "::ffff:1.2.3.4", "2001:DB8::5"],
    email: ["x@y.z"],
    uri: ["http://a/b", "spiffe://d/w", "/x"],
    dns: ["", "a b", "*.x", "host:80", "1.2.3"],
  });
  expect(readHosts(encodeHosts(hosts))).toEqual({ ...hosts, ip: ["10.0.0.1", "::1", "1.2.3.4", "2001:db8::5"] });
});

test("durations are Go's; there are no days", () => {
  expect(parseDuration("4320h")).toBe(15_552_000_000);
  expect(parseDuration("1h30m1.5s")).toBe(5_401_500);
  expect(parseDuration("0")).toBe(0);
  expect(() => parseDuration("30d")).toThrow('time: unknown unit "d" in duration "30d"');
  for (const text of ["", "h", "5", "1h-2m", "1 h"]) expect(() => parseDuration(text)).toThrow(/^time: /);
});

test("the start is rounded to the minute and lies five back; the end counts from it", () => {
  const { notBefore, notAfter } = validity({ ...caProfile(), expiry: 3_600_000 }, new Date("2027-01-10T12:00:31Z"));
  expect(notBefore.toISOString()).toBe("2027-01-10T11:56:00.000Z");
  expect(notAfter.toISOString()).toBe("2027-01-10T12:56:00.000Z");
});

test("configurations: what is missing, unknown or not supported is said", () => {
  const profile = (fields: object): string => JSON.stringify({ signing: { profiles: { p: fields } } });
  const failures: [string, string][] = [
    [profile({ usages: ["signing"] }), "empty expiry string"],
    [profile({ usages: ["nonsense"], expiry: "1h" }), "invalid configuration"],
    [profile({ usages: ["signing"], expiry: "30d" }), 'unknown unit "d"'],
    [profile({ usages: ["signing"], expiry: "1h", remote: "r" }), "remote is not supported"],
    [profile({ usages: ["signing"], expiry: "1h", name_whitelist: "(" }), "no valid pattern"],
    [profile({ usages: "signing", expiry: "1h" }), "must be a list of strings"],
    ["[]", "an object is needed"],
    ["{", "unexpected end of JSON input"],
  ];
  // A plain line, as cfssl's.
  expect(() => readConfig("{}")).toThrow(
    expect.objectContaining({ pkiNumber: 0, message: 'No "signing" field present' }),
  );
  for (const [text, message] of failures) {
    expect(() => readConfig(text)).toThrow(
      expect.objectContaining({ pkiNumber: 5200, message: expect.stringContaining(message) }),
    );
  }
  expect(readConfig(profile({ usages: ["signing", "nonsense"], expiry: "1h" })).profiles.get("p")?.expiry).toBe(
    3_600_000,
  );
});

test("keys of every PEM form are read; an EC PARAMETERS block before the key is skipped", () => {
  const ec = execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey"], { encoding: "utf8" });
  expect(ec).toContain("EC PARAMETERS");
  expect(readPrivateKey(ec).asymmetricKeyType).toBe("ec");
  expect(() => readPrivateKey("")).toThrow(expect.objectContaining({ pkiNumber: 2002 }));
  const broken = "-----BEGIN PRIVATE KEY-----\nMIIBsecretsecret\n-----END PRIVATE KEY-----\n";
  try {
    readPrivateKey(broken);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ pkiNumber: 2003 });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("MIIBsecret");
  }
});

test("a list of changes, and one of several issuers, is called partial; serials lose their leading zeros", () => {
  const partial = (...extensions: Buffer[]) => {
    const authority = readCertificate(der);
    const now = time(new Date());
    const entry = sequence(integer(Buffer.from("00ff01", "hex")), now);
    const wrapped = extensions.length === 0 ? [] : [context(0, sequence(...extensions))];
    const algorithm = signatureFor(key).algorithm;
    const body = sequence(integer(1), algorithm, authority.subject, now, now, sequence(entry), ...wrapped);
    return readCrl(signDocument(body, key));
  };
  const indirect = contextPrimitive(4, Buffer.from([0xff]));
  expect(partial(extension(OID.deltaCrlIndicator, integer(1), true)).partial).toBe(true);
  expect(partial(extension(OID.issuingDistributionPoint, sequence(indirect), true)).partial).toBe(true);
  expect(partial(extension(OID.issuingDistributionPoint, sequence(), true)).partial).toBe(false);
  expect([...partial().serials]).toEqual(["ff01"]);
});
