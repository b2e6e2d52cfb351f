import { CheckConfig, Entity, ObjectMeta, RAW, SecretReference, TimeWindowRepeated, UNKNOWN } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { begunEvent, checkFromConfig, failureEvent, refusedEvent, withOutput } from "./result.ts";

const config = CheckConfig.create({
  metadata: ObjectMeta.create({ name: "disk", namespace: "ops", labels: { a: "b" } }),
  command: "true",
  interval: 10,
  pipelines: [{ name: "p", type: "Pipeline", api_version: "core/v2" }],
  secrets: [SecretReference.create({ name: "S", secret: "s" })],
  subdues: [TimeWindowRepeated.create({ begin: "x" })],
  ttl_status: 2,
  asset_status: ["x"],
  [UNKNOWN]: Uint8Array.of(1),
});
const entity = Entity.create({ entity_class: "agent" });

test("a result carries the definition without secrets, subdues and fields of the other message", () => {
  const check = checkFromConfig(config);
  expect(check).toMatchObject({ command: "true", interval: 10, ttl_status: 2, asset_status: ["x"], secrets: [] });
  expect(check.subdues).toEqual([]);
  expect(check[UNKNOWN]).toBeUndefined();
});

test("a result names request, order and pipelines; a refusal does not", () => {
  const begun = begunEvent({ config, entity, issued: 90, sequence: 3, now: 100_900 });
  expect(begun).toMatchObject({
    sequence: 3,
    metadata: { namespace: "ops" },
    pipelines: config.pipelines,
    check: { issued: 90, executed: 100, status: 0, output: "" },
  });
  expect(refusedEvent(config, entity, 100_900)).toMatchObject({ sequence: 0, pipelines: [], check: { issued: 0 } });
});

test.each([
  [{}, 3],
  [{ allow_list_on_deny_status: "42" }, 42],
  [{ allow_list_on_deny_status: "x" }, 3],
  [{ allow_list_on_deny_status: "4294967296" }, 3],
])("a failure with annotations %j has status %d", (annotations, status) => {
  const begun = refusedEvent({ ...config, metadata: { ...config.metadata, annotations } }, entity, 0);
  expect(failureEvent(begun, "why", 5000)).toMatchObject({ timestamp: 5, check: { status, output: "why" } });
});

test("output that is no UTF-8 keeps its bytes beside the text", () => {
  const check = checkFromConfig(config);
  expect(withOutput(check, Buffer.from("é"))).toMatchObject({ output: "é" });
  expect(withOutput(check, Buffer.from("é"))[RAW]).toBeUndefined();
  const binary = Buffer.of(0x61, 0xff);
  const result = withOutput(check, binary);
  expect(result.output).toBe("a\ufffd");
  expect(result[RAW]?.get(26)).toEqual({ text: "a\ufffd", bytes: binary });
});
