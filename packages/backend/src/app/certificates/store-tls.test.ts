import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, expect, test } from "vitest";
import { testLog } from "../../observe/test-log.ts";
import { configure, resolve } from "../configuration.ts";
import { START_OPTIONS } from "../options.ts";
import { certificatesInUse } from "./certificates-in-use.ts";
import { checkStoreTls } from "./store-tls.ts";
import { tlsSources } from "./tls-sources.ts";

const folder = mkdtempSync(path.join(tmpdir(), "store-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));
const ca = TestCa.root();
const caFile = ca.write(folder);
const own = ca.issueServer({ usage: "both" }).write(folder, "b1");
const other = ca.issueServer().write(folder, "b2");

const pair = ["--etcd-cert-file", own.certFile, "--etcd-key-file", own.keyFile];
/** The block of the guides, on one node. */
const guide = [
  ...["--etcd-listen-client-urls", "https://localhost:2379", "--etcd-advertise-client-urls", "https://localhost:2379"],
  ...["--etcd-listen-peer-urls", "https://localhost:2380"],
  ...["--etcd-initial-advertise-peer-urls", "https://localhost:2380"],
  ...["--etcd-initial-cluster", "default=https://localhost:2380"],
  ...[...pair, "--etcd-trusted-ca-file", caFile, "--etcd-client-cert-auth"],
  ...["--etcd-peer-cert-file", own.certFile, "--etcd-peer-key-file", own.keyFile],
  ...["--etcd-peer-trusted-ca-file", caFile, "--etcd-peer-client-cert-auth"],
];
const GOOD = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305";
const start = (argv: readonly string[]) => configure(resolve(START_OPTIONS, { argv, env: {} }));
const check = (argv: readonly string[]) => checkStoreTls(start(argv).options);

test("the guides' block is taken, checked, and said to have no effect in one line (B-1110)", () => {
  const { warnings } = start(guide);
  const tls = warnings.filter((warning) => warning.includes("etcd-client-cert-auth"));
  expect(tls).toEqual([expect.stringMatching(/^the built-in store opens no port to protect.*etcd-peer-cert-file/)]);
  const { certificates, warnings: found } = check(guide);
  expect(certificates.map(({ option }) => option)).toEqual(["etcd-cert-file", "etcd-peer-cert-file"]);
  expect(found).toEqual([]);
});

test.each([
  [["--etcd-cert-file", own.certFile], "both flags --etcd-cert-file & --etcd-key-file are required"],
  [["--etcd-peer-key-file", own.keyFile], "both flags --etcd-peer-cert-file & --etcd-peer-key-file are required"],
  [
    ["--etcd-listen-client-urls", "https://localhost:2379"],
    "etcd-listen-client-urls is https, which needs etcd-cert-file",
  ],
  [
    ["--etcd-cert-file", own.certFile, "--etcd-key-file", other.keyFile],
    "etcd-cert-file: Error loading tls server certificate: tls: private key does not match",
  ],
  [["--etcd-cert-file", "/none.pem", "--etcd-key-file", own.keyFile], "open /none.pem: no such file or directory"],
  [["--etcd-cipher-suites", "TLS_NOPE"], 'etcd-cipher-suites: unexpected TLS cipher suite "TLS_NOPE"'],
  // As OpenSSL spells it.
  [
    ["--etcd-cipher-suites", `${GOOD},ECDHE-RSA-AES256-GCM-SHA384`],
    'unexpected TLS cipher suite "ECDHE-RSA-AES256-GCM-SHA384": names are like TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  ],
  [["--etcd-trusted-ca-file", "/none.pem"], "Error reading CA file: open /none.pem: no such file or directory"],
])("%j does not start, as with a real etcd", (argv, message) => {
  expect(() => check(argv)).toThrow(message);
});

test("names of cipher suites are Go's, weak ones are told (S-141)", () => {
  expect(check(["--etcd-cipher-suites", GOOD]).warnings).toEqual([]);
  const weak = check(["--etcd-cipher-suites", `TLS_RSA_WITH_RC4_128_SHA,${GOOD}`]).warnings;
  expect(weak).toEqual(["etcd-cipher-suites names weak ones: TLS_RSA_WITH_RC4_128_SHA"]);
  const { warnings } = start(["--etcd-cipher-suites", GOOD]);
  expect(warnings).toEqual([expect.stringMatching(/they are checked: etcd-cipher-suites;/)]);
});

test("a pair that other members would refuse is told, with the reason (S-484, S-489)", () => {
  const stranger = TestCa.root({ cn: "Other CA" }).issueServer({ usage: "both" }).write(folder, "stranger");
  const withPair = ({ certFile, keyFile }: typeof own) =>
    check(["--etcd-cert-file", certFile, "--etcd-key-file", keyFile, "--etcd-trusted-ca-file", caFile]).warnings;
  const refused = (file: string, why: string) => [
    `etcd-cert-file ${file}: a member that trusts etcd-trusted-ca-file ${caFile} would refuse it: ${why}`,
  ];
  expect(withPair(own)).toEqual([]);
  expect(withPair(stranger)).toEqual(refused(stranger.certFile, "x509: certificate signed by unknown authority"));
  expect(withPair(other)).toEqual(refused(other.certFile, "x509: certificate specifies an incompatible key usage"));
});

test("the key in another spelling is found, names that the pair lacks are told (S-475, S-485)", () => {
  const { certFile, keyFile } = ca.issueServer().write(folder, "b3.acme.example");
  const real = path.join(folder, "b3-key.acme.example.pem");
  renameSync(keyFile, real);
  const { warnings } = check([
    ...["--etcd-cert-file", certFile, "--etcd-key-file", keyFile, "--etcd-client-cert-auth"],
    ...["--etcd-advertise-client-urls", "https://b3.acme.example:2379"],
  ]);
  expect(warnings).toEqual([
    "etcd-client-cert-auth needs etcd-trusted-ca-file to know whom to let in",
    `etcd-key-file ${keyFile} does not exist: ${real} fits ${certFile}`,
    expect.stringContaining("etcd-advertise-client-urls names b3.acme.example, which the certificate"),
  ]);
});

test("what the store's certificate lacks is told once, and anew when another one lacks something else", async () => {
  const { certFile, keyFile } = ca.issueServer({ san: ["b4.test"] }).write(folder, "b4");
  const { options } = start([
    ...["--etcd-cert-file", certFile, "--etcd-key-file", keyFile],
    ...["--etcd-advertise-client-urls", "https://b4.test:2379"],
  ]);
  const log = testLog();
  const look = certificatesInUse(options, tlsSources(options, log), log);
  expect(look().map(({ option }) => option)).toEqual(["etcd-cert-file"]);
  expect(log.lines).toEqual([]);
  ca.issueServer({ san: ["b5.test"] }).write(folder, "b4");
  look();
  look();
  expect(log.lines).toEqual([expect.stringContaining("etcd-advertise-client-urls names b4.test")]);
});
