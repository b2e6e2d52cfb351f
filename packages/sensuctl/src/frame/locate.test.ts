import { expect, test } from "vitest";
import { locate, suggestions } from "./locate.ts";

const BOOLEANS = new Set(["insecure-skip-tls-verify", "help", "h"]);

test.each([
  [["--namespace", "qa", "check", "list"], "check", ["--namespace", "qa", "list"]],
  [["--namespace=qa", "check"], "check", ["--namespace=qa"]],
  [["--insecure-skip-tls-verify", "check"], "check", ["--insecure-skip-tls-verify"]],
  [["-h", "check"], "check", ["-h"]],
  [["--unknown", "check", "list"], "list", ["--unknown", "check"]],
  [["--", "check"], undefined, ["--", "check"]],
  [[], undefined, []],
])("%j holds the command %s", (argv, word, rest) => expect(locate(argv, BOOLEANS)).toEqual({ word, rest }));

test("names within two edits or begun are suggested", () => {
  expect(suggestions("chek", ["check", "hook", "checks-of"])).toEqual(["check"]);
  expect(suggestions("name", ["namespace", "user"])).toEqual(["namespace"]);
});
