/** The same requests to our backend and to the original's: the same answers, but where a row says otherwise. */
import { ADMIN } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KINDS, resourceCases } from "./resource-cases.ts";
import { TwoBackends } from "./two-backends.ts";

let both: TwoBackends;
beforeAll(async () => {
  both = await TwoBackends.start();
  await both.login(ADMIN.user, ADMIN.password);
});
afterAll(() => both.stop());

test.each(Object.keys(KINDS))("%s", async (collection) => {
  await both.login(ADMIN.user, ADMIN.password);
  expect(await both.compare(resourceCases(collection))).toEqual([]);
});
