import { expect, test } from "vitest";
import { rowMatches } from "./lists/row-matches.ts";
import { parseEntitySearch, parseEventSearch, parseTerms } from "./search.ts";
import type { EventRow } from "./wire.ts";

test("words, keys and quotes", () => {
  expect(parseTerms('status:critical entity:"web 1" disk "two words" check:a:b')).toEqual([
    { key: "status", value: "critical" },
    { key: "entity", value: "web 1" },
    { key: "", value: "disk" },
    { key: "", value: "two words" },
    { key: "check", value: "a:b" },
  ]);
  expect(parseTerms("")).toEqual([]);
});

test("an event search becomes a question to the store", () => {
  expect(parseEventSearch("")).toEqual({});
  expect(parseEventSearch("status:incident silenced:false entity:web-01 load")).toEqual({
    incidents: true,
    silenced: false,
    entity: "web-01",
    text: "load",
  });
  for (const bad of ["status:constructor", "silenced:maybe", "owner:me", "two words"]) {
    expect(() => parseEventSearch(bad)).toThrow();
  }
});

test("entities are found by every word, class and subscription", () => {
  expect(parseEntitySearch("WEB eu class:proxy subscription:linux")).toEqual({
    words: ["web", "eu"],
    entityClass: "proxy",
    subscription: "linux",
  });
});

test("a changed row is judged as the store judges it", () => {
  const row = { entity: "Web-01", check: "disk", status: 2, silenced: ["a:b"] } as unknown as EventRow;
  const fits = (q: string) => rowMatches(row, parseEventSearch(q));
  expect(["", "status:incident", "status:critical", "silenced:true", "web-01/d", "check:disk"].map(fits)).toEqual(
    Array(6).fill(true),
  );
  expect(["status:passing", "silenced:false", "web-02", "entity:web-01"].map(fits)).toEqual(Array(4).fill(false));
});
