import { CheckConfig, CheckRequest, ObjectMeta } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { Admission, checkKey } from "./admission.ts";

test("each request runs once, in order of issue, and never beside itself", () => {
  const admission = new Admission();
  expect(admission.judge("a", 100)).toBe("run");
  admission.begin("a", 100);
  expect(admission.judge("a", 100)).toBe("duplicate");
  expect(admission.judge("a", 99)).toBe("older");
  expect(admission.judge("a", 101)).toBe("running");
  expect(admission.judge("b", 100)).toBe("run");
  admission.end("a");
  expect(admission.judge("a", 101)).toBe("run");
  expect(admission.judge("a", 100n)).toBe("duplicate");
});

test("the same check for two proxy entities is two checks", () => {
  const request = (proxy_entity_name: string) =>
    CheckRequest.create({
      config: CheckConfig.create({ metadata: ObjectMeta.create({ name: "ping" }), proxy_entity_name }),
    });
  expect(checkKey(request(""))).toBe("ping");
  expect(checkKey(request("router"))).toBe("ping/router");
});
