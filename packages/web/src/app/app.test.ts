import { expect, test } from "vitest";
import { safeRedirect } from "./redirect-to.ts";
import { readSearch, writeSearch } from "./search-params.ts";

test("only paths of this page are followed after signing in", () => {
  const origin = "https://sensu.example:3000";
  expect(safeRedirect("/n/shop/events/web-01/disk?q=", origin)).toBe("/n/shop/events/web-01/disk?q=");
  for (const bad of [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "evil",
    "",
    undefined,
  ]) {
    expect(safeRedirect(bad, origin)).toBeUndefined();
  }
});

test("an empty search text survives, numbers stay texts, old filter links become terms", () => {
  expect(readSearch("?q=")).toEqual({ q: "" });
  expect(writeSearch({ q: "", order: undefined })).toBe("?q=");
  expect(readSearch("?q=10&offset=25")).toEqual({ q: "10", offset: "25" });
  expect(readSearch("?filters=status:warning&filters=entity:web")).toEqual({ q: "status:warning entity:web" });
});
