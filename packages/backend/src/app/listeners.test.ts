import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ServerTlsSource } from "@sensu-ts/runtime";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testLog } from "../observe/test-log.ts";
import { announce, warnOfDefaultPassword } from "./listeners.ts";

const folder = mkdtempSync(path.join(tmpdir(), "listeners-"));
let source: ServerTlsSource;
beforeAll(async () => {
  const files = TestCa.root()
    .issueServer({ san: ["b1.test"] })
    .write(folder, "b1");
  source = new ServerTlsSource({ option: "cert-file", keyOption: "key-file", ...files, log: testLog() });
  await source.start();
});
afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true });
});

test.each([
  ["0.0.0.0", false, false, true],
  ["::", false, false, true],
  ["10.0.0.1", false, false, true],
  ["127.0.0.1", false, false, false],
  ["127.9.9.9", false, false, false],
  ["::1", false, false, false],
  ["::", true, false, false],
  ["::", false, true, false],
])("a listener on %s, TLS %s, insecure-ok %s: warned is %s (S-395)", (host, secure, insecureOk, warned) => {
  const log = testLog();
  const tls = secure ? source : undefined;
  announce(log, { name: "apid", bound: { host, port: 8080 }, tls, schemes: ["http", "https"], insecureOk });
  const address = host.includes(":") ? `[${host}]:8080` : `${host}:8080`;
  const line = `warn: starting apid on address: ${address} {"scheme":"${secure ? "https" : "http"}"}`;
  expect(log.lines[0]).toBe(line);
  expect(log.lines.slice(1)).toEqual(warned ? [expect.stringContaining("apid is plaintext on")] : []);
});

test.each([
  ["::", "P@ssw0rd!", true],
  ["127.0.0.1", "P@ssw0rd!", false],
  ["::", "another", false],
  ["::", "", false],
])("agents' port on %s, password %j: warned is %s (S-221)", async (host, hash, warned) => {
  const log = testLog();
  const matches = async (password: string, stored: string) => password === stored;
  await warnOfDefaultPassword(log, { hash, matches, bound: { host, port: 8081 } });
  expect(log.lines).toEqual(warned ? [expect.stringContaining("user agent still has the default password")] : []);
});
