import { expect, test } from "vitest";
import { decodeProto, encodeProto, parseJson, stringifyJson, unwrap, wrap } from "../mod.ts";
import { resourceType } from "../resource/registry.ts";
import { GlobalConfig } from "./web.ts";
import { certificateSettings, signinMessage, validateGlobalConfig } from "./web-rules.ts";

const envelope = (spec: object, name = "custom") =>
  unwrap({ type: "GlobalConfig", api_version: "web/v1", metadata: { name }, spec } as never).value as GlobalConfig;

const SPEC = {
  signin_message: "with *LDAP*",
  default_preferences: { page_size: 50, poll_interval: 30000, theme: "classic", serialization_format: "JSON" },
  page_preferences: [{ page: "events", page_size: 100, order: "LASTOK" }],
  extensions: { certificate_expiry_reminder: "240h", certificate_events: { namespace: "ops" } },
  of_a_later_version: { any: [1, 12345678901234567890n] },
};

test("every key of the spec comes back as it was, through store and API, numbers exactly (U-254)", () => {
  const type = resourceType("web/v1", "GlobalConfig");
  const value = decodeProto(GlobalConfig, encodeProto(GlobalConfig, envelope(SPEC)));
  const wrapped = wrap(type as never, value as never) as { spec: object; metadata: object };
  expect(parseJson(stringifyJson(wrapped.spec as never))).toEqual(SPEC);
  expect(wrapped.metadata).toMatchObject({ name: "custom" });
});

test.each([
  [{ default_preferences: { page_size: "50" } }, "default_preferences.page_size must be a whole number"],
  [{ page_preferences: { page: "events" } }, "page_preferences must be a list"],
  [{ page_preferences: [{ order: 1 }] }, "page_preferences.order must be a text"],
  [{ link_policy: { urls: [1] } }, "link_policy.urls must be a list of texts"],
  [{ license_expiry_reminder: 720 }, "license_expiry_reminder must be a duration such as 720h0m0s"],
  [{ extensions: { certificate_expiry_reminder: "30d" } }, "extensions.certificate_expiry_reminder must be a duration"],
  [{ catalog: [] }, "catalog must be an object"],
])("%j is refused", (spec, message) => {
  expect(() => validateGlobalConfig(envelope(spec))).toThrow(message);
});

test("what is not known, and what is not set, is taken", () => {
  expect(() => validateGlobalConfig(envelope({ ...SPEC, catalog: null }))).not.toThrow();
  expect(() => validateGlobalConfig(envelope({}, ""))).toThrow("name must not be empty");
});

const HOUR = 3_600_000;
test.each([
  [[], 720 * HOUR, "sys"],
  [[envelope(SPEC)], 240 * HOUR, "ops"],
  [[envelope({ license_expiry_reminder: "48h" })], 48 * HOUR, "sys"],
  [[envelope({ license_expiry_reminder: "48h", extensions: { certificate_expiry_reminder: "0s" } })], 0, "sys"],
  [[envelope(SPEC, "b"), envelope({}, "a")], 720 * HOUR, "sys"],
])("settings for certificates (U-328): %#", (configs, reminderMs, eventsNamespace) => {
  expect(certificateSettings(configs, "sys")).toEqual({ reminderMs, eventsNamespace });
});

test("the sign-in message is the first configuration's, or the original's", () => {
  expect(signinMessage([])).toBe("with your credentials");
  expect(signinMessage([envelope({ signin_message: " " })])).toBe("with your credentials");
  const configs = [envelope({ signin_message: "second" }, "b"), envelope({ signin_message: "with **LDAP**" }, "a")];
  expect(signinMessage(configs)).toBe("with **LDAP**");
});
