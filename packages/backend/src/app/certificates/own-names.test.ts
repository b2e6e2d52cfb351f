import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ServerTlsSource } from "@sensu-ts/runtime";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testLog } from "../../observe/test-log.ts";
import { configure, resolve } from "../configuration.ts";
import { START_OPTIONS } from "../options.ts";
import { nameWarnings, ownNames, schemeWarning, warnOfOwnNames } from "./own-names.ts";
import { tlsSources } from "./tls-sources.ts";

const folder = mkdtempSync(path.join(tmpdir(), "own-names-"));
const ca = TestCa.root();
const files = ca.issueServer({ san: ["b1.test", "10.0.0.1"] }).write(folder, "b1");
const pair = ["--cert-file", files.certFile, "--key-file", files.keyFile];
let source: ServerTlsSource;
beforeAll(async () => {
  source = new ServerTlsSource({ option: "cert-file", keyOption: "key-file", ...files, log: testLog() });
  await source.start();
});
afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true });
});

const options = (argv: readonly string[]) => configure(resolve(START_OPTIONS, { argv, env: {} })).options;

test.each([
  ["http://localhost:8080", false, undefined],
  ["http://localhost:8080", true, "is not https although cert-file is set"],
  ["https://b1.test:8080", false, "without cert-file the API is plaintext"],
  ["https://b1.test:8080", true, undefined],
])("api-url %s, TLS %s: %s (S-121)", (url, secure, said) => {
  const warning = schemeWarning(url, secure ? source : undefined);
  if (said === undefined) expect(warning).toBeUndefined();
  else expect(warning).toContain(said);
});

test.each([
  ["api", ["--api-url", "https://b2.test:8080"], ["api-url names b2.test"]],
  ["api", ["--api-url", "https://b1.test:8080", "--api-listen-address", "10.0.0.1:8080"], []],
  ["api", ["--api-listen-address", "10.0.0.2:8080"], ["api-listen-address names 10.0.0.2"]],
  ["api", ["--api-listen-address", "127.0.0.1:8080"], []],
  ["agents", ["--agent-host", "10.0.0.2"], ["agent-host names 10.0.0.2"]],
  ["agents", ["--agent-host", "[fd00::2]"], ["agent-host names fd00::2"]],
  ["agents", ["--agent-host", "0.0.0.0"], []],
  ["page", ["--dashboard-host", "ui.test"], ["dashboard-host names ui.test"]],
  ["page", ["--dashboard-host", "localhost"], []],
] as const)("listener %s under %j: %j (S-485)", (listener, argv, said) => {
  const warnings = nameWarnings(ownNames(options(argv))[listener], source);
  expect(warnings).toEqual(said.map((text) => expect.stringContaining(`${text}, which the certificate`)));
  expect(nameWarnings(ownNames(options(argv))[listener], undefined)).toEqual([]);
});

test("told at start, and again when a reload brings another certificate, each against the pair served there", async () => {
  const agents = ca.issueServer({ san: ["10.0.0.2"] }).write(folder, "agents");
  const given = options([
    ...[...pair, "--agent-auth-cert-file", agents.certFile, "--agent-auth-key-file", agents.keyFile],
    ...["--agent-auth-trusted-ca-file", ca.write(folder), "--agent-host", "10.0.0.2"],
    ...["--api-url", "https://b1.test:8080", "--api-listen-address", "10.0.0.2:8080"],
  ]);
  const tls = tlsSources(given, testLog());
  await tls.start();
  try {
    const log = testLog();
    warnOfOwnNames(given, tls, log);
    expect(log.lines).toEqual([expect.stringContaining("api-listen-address names 10.0.0.2")]);
    copyFileSync(files.certFile, agents.certFile);
    copyFileSync(files.keyFile, agents.keyFile);
    await tls.reload();
    expect(log.lines.slice(1)).toEqual([
      expect.stringContaining(`agent-host names 10.0.0.2, which the certificate ${agents.certFile}`),
    ]);
  } finally {
    await tls.stop();
  }
});
