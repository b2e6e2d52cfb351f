import { EntityConfig, ObjectMeta } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { keepRedacted } from "./redacted.ts";

test("labels keep their names, whatever those mean to JavaScript; only redacted ones their stored values (S-383)", () => {
  const config = (labels: string) =>
    EntityConfig.create({ metadata: ObjectMeta.create({ labels: JSON.parse(labels) }) });
  const stored = config('{"password":"clear","__proto__":"a"}');
  const next = '{"password":"REDACTED","other":"REDACTED","__proto__":"b","constructor":"REDACTED"}';
  const kept = keepRedacted(stored, config(next)).metadata?.labels ?? {};
  expect(Object.entries(kept)).toEqual([
    ["password", "clear"],
    ["other", "REDACTED"],
    ["__proto__", "b"],
    ["constructor", "REDACTED"],
  ]);
});
