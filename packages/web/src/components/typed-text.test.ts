import { expect, test } from "vitest";
import { receives, sends, type TypedText } from "./typed-text.ts";

const box = (text: string, seen: string, ...sent: string[]): TypedText => ({ text, seen, sent });

test("what comes back late does not overwrite what was typed meanwhile", () => {
  let state = sends(box("web", ""), "web");
  state = { ...state, text: "web-0" };
  state = sends(state, "web-0");
  state = { ...state, text: "web-01" };
  state = receives(state, "web");
  expect(state.text).toBe("web-01");
  state = receives(state, "web-0");
  expect(state).toEqual(box("web-01", "web-0"));
});

test("one that is skipped on its way back is not waited for", () => {
  const state = receives(sends(sends(box("ab", ""), "a"), "ab"), "ab");
  expect(state).toEqual(box("ab", "ab"));
});

test("a change from outside is taken, and the same value again changes nothing", () => {
  const state = receives(box("web", "web"), "status:critical web");
  expect(state).toEqual(box("status:critical web", "status:critical web"));
  expect(receives(state, "status:critical web")).toBe(state);
});
