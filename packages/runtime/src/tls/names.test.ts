import { X509Certificate } from "node:crypto";
import { TestCa } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { takesStrictTransport, uncoveredName } from "./names.ts";

const ca = TestCa.root();
const leaf = (...san: string[]) => new X509Certificate(ca.issue({ cn: "b1", san, usage: "server" }).pem);

test.each([
  ["https://b1.test:8080", ["b1.test"], true],
  ["https://B1.test:8080", ["b1.test"], true],
  ["https://b1.test:8080", ["localhost", "b1"], false],
  ["https://a.b1.test", ["*.b1.test"], true],
  ["https://b1.test", ["*.b1.test"], false],
  ["https://10.0.0.1", ["10.0.0.1"], true],
  ["https://10.0.0.1", ["b1.test"], false],
  ["https://[::1]:8080", ["::1"], true],
  ["https://b1:8080", [], false],
  ["no url", [], true],
])("%s served with the names %j: covered is %s (S-485)", (url, names, covered) => {
  const warning = uncoveredName({ option: "api-url", url }, leaf(...names), "/b1.pem");
  expect(warning === undefined).toBe(covered);
});

test("the warning names host, file, the names present and the command", () => {
  const warning = uncoveredName(
    { option: "api-url", url: "https://b1.test:8080" },
    leaf("localhost", "::1"),
    "/b1.pem",
  );
  expect(warning).toContain(
    "api-url names b1.test, which the certificate /b1.pem does not cover (it has localhost, ::1)",
  );
  expect(warning).toMatch(/sensu-pki issue backend b1 --san b1\.test$/);
});

test.each([
  ["b1.test:3000", true],
  ["b1.test", true],
  ["localhost:3000", false],
  ["app.localhost:3000", false],
  ["127.0.0.1:3000", false],
  ["[::1]:3000", false],
  [undefined, false],
])("an answer to %s may bind the host to TLS: %s (S-491)", (host, may) => {
  expect(takesStrictTransport(host)).toBe(may);
});
