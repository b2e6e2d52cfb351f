/** The same requests to our backend and to the original's: the same answers, but where a row says otherwise. */
import { expect, test } from "vitest";
import { OTHERS, UNNAMED } from "./other-cases.ts";
import { PASSWORD, preparation, questions, USERS } from "./rbac-cases.ts";
import { KINDS, resourceCases } from "./resource-cases.ts";
import { TwoBackends } from "./two-backends.ts";

test("the types without special behaviour", async () => {
  await using both = await TwoBackends.start();
  for (const collection of Object.keys(KINDS)) {
    expect(await both.compare(resourceCases(collection)), collection).toEqual([]);
  }
});

test.each(Object.keys(OTHERS))("%s", async (group) => {
  await using both = await TwoBackends.start();
  const ignored = new Set(UNNAMED.has(group) ? ["created_by"] : []);
  expect(await both.compare(OTHERS[group] ?? [], ignored)).toEqual([]);
});

test("who may what", { timeout: 300_000 }, async () => {
  await using both = await TwoBackends.start();
  await both.prepare(preparation());
  for (const username of Object.keys(USERS)) {
    await both.login(username, PASSWORD);
    expect(await both.compare(questions(username), new Set(["created_by"])), username).toEqual([]);
  }
});
