import { expect, test } from "vitest";
import { currentUser } from "./claims.ts";
import { collectionPath, escapeSegment, memberPath, withQuery } from "./paths.ts";

test.each([
  ["sensu/cpu", "sensu%2Fcpu"],
  ["linux:*", "linux:%2A"],
  ["a b", "a%20b"],
  ["$&+=:@-_.~", "$&+=:@-_.~"],
  ["(ü)!'", "%28%C3%BC%29%21%27"],
])("%s is escaped as a path segment", (name, escaped) => expect(escapeSegment(name)).toBe(escaped));

test("paths of both groups, with and without namespace", () => {
  expect(collectionPath("core/v2", "", "checks")).toBe("/api/core/v2/checks");
  expect(memberPath("core/v2", "default", "events", "a b", "c")).toBe("/api/core/v2/namespaces/default/events/a%20b/c");
  expect(memberPath("secrets/v1", "qa", "secrets", "s")).toBe("/api/enterprise/secrets/v1/namespaces/qa/secrets/s");
  expect(withQuery("/a?b=1", { c: "x y", d: undefined, e: "" })).toBe("/a?b=1&c=x+y");
});

test("a token that cannot be read names nobody", () => {
  expect(currentUser("")).toBe("");
  expect(currentUser("a.!!.c")).toBe("");
  expect(currentUser(`a.${Buffer.from('{"sub":"admin"}').toString("base64url")}.c`)).toBe("admin");
});
