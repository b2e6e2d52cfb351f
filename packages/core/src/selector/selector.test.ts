import { expect, test } from "vitest";
import { parseSelector } from "./selector.ts";

const CHECK = {
  "check.name": "disk-usage",
  "check.namespace": "dev",
  "check.publish": "true",
  "check.status": "2",
  "check.subscriptions": "linux,web",
  "check.labels.team": "ops",
  region: "us-west-1",
};

test.each([
  ["", true],
  ["check.publish == true", true],
  ["check.publish != TRUE", false],
  ['check.name == "disk-usage"', true],
  ["check.name == 'disk-usage\"", true],
  ['check.name == "disk"', false],
  ['check.nope == "x"', false],
  ['check.nope != "x"', true],
  ['check.name matches "usage"', true],
  ['check.name MATCHES "Usage"', false],
  ['check.subscriptions matches "x,w"', true],
  ["linux in check.subscriptions", true],
  ["win in check.subscriptions", false],
  ["win notin check.subscriptions", true],
  ["check.namespace in [dev, prod]", true],
  ["check.namespace in [prod,'qa']", false],
  ["check.namespace notin [prod]", true],
  ["check.nope in [dev,prod]", false],
  ["check.nope notin [dev,prod]", true],
  ["check.subscriptions in [linux]", false],
  ['check.name matches "disk" && linux in check.subscriptions', true],
  ['check.name matches "disk" && win in check.subscriptions', false],
  ['check.publish == true check.labels.team == "ops"', true],
  ["check.status == 2", true],
  ['"region" == "us-west-1"', true],
  ["inner == inner", false],
])("%s -> %s", (text, expected) => {
  expect(parseSelector(text).matches(CHECK)).toBe(expected);
});

test.each([
  "check.name == c-1",
  "check.name=='x'",
  "check.name",
  "check.name ==",
  "&& check.publish == true",
  "check.publish == true &&",
  "check.name in [a,",
  "check.name. == x",
  "check.name == 1x",
  "check.name == x:y",
  'check.name == "open',
  "== x",
  "a || b",
])("%s cannot be read", (text) => {
  expect(() => parseSelector(text)).toThrow(/selector/);
});
