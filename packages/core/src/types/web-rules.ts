/** What the known keys of a GlobalConfig may hold (R-116, U-242 to U-254); others are nobody's business here. */
import type { Json, JsonObject } from "../codec/schema.ts";
import { invalid } from "../errors.ts";
import { parseDuration } from "../options/duration.ts";
import { validateName } from "./name-rules.ts";
import { type GlobalConfig, specOf } from "./web.ts";

type Kind = "string" | "boolean" | "integer" | "duration" | "strings";
interface Keys {
  readonly [key: string]: Kind | Keys | readonly [Keys];
}

const KEYS: Keys = {
  always_show_local_cluster: "boolean",
  signin_message: "string",
  license_expiry_reminder: "duration",
  disable_bsm: "boolean",
  catalog: { url: "string", release_version: "string", disabled: "boolean" },
  default_preferences: {
    page_size: "integer",
    poll_interval: "integer",
    theme: "string",
    serialization_format: "string",
  },
  page_preferences: [{ page: "string", page_size: "integer", order: "string", selector: "string" }],
  link_policy: { allow_list: "boolean", urls: "strings" },
  extensions: { certificate_expiry_reminder: "duration", certificate_events: { namespace: "string" } },
};

const TESTS: Readonly<Record<Kind, readonly [wanted: string, fits: (value: Json) => boolean]>> = {
  string: ["a text", (value) => typeof value === "string"],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  integer: ["a whole number", (value) => Number.isSafeInteger(value)],
  duration: ["a duration such as 720h0m0s", (value) => isDuration(value)],
  strings: ["a list of texts", (value) => Array.isArray(value) && value.every((one) => typeof one === "string")],
};

function isDuration(value: Json): boolean {
  return typeof value === "string" && (parseDuration(value) ?? -1) >= 0;
}

export function validateGlobalConfig(config: GlobalConfig): GlobalConfig {
  validateName("name", config.metadata.name);
  checkKeys(specOf(config.spec), KEYS, "");
  return config;
}

function checkKeys(spec: JsonObject, keys: Keys, path: string): void {
  for (const [key, kind] of Object.entries(keys)) {
    const value = spec[key];
    if (value !== undefined && value !== null) checkValue(value, kind, path + key);
  }
}

function checkValue(value: Json, kind: Keys[string], path: string): void {
  if (typeof kind === "string") {
    const [wanted, fits] = TESTS[kind];
    if (!fits(value)) throw invalid(`${path} must be ${wanted}`);
  } else if (isList(kind)) {
    if (!Array.isArray(value)) throw invalid(`${path} must be a list`);
    for (const item of value) checkValue(item, kind[0], path);
  } else {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw invalid(`${path} must be an object`);
    }
    checkKeys(value as JsonObject, kind, `${path}.`);
  }
}

function isList(kind: Keys | readonly [Keys]): kind is readonly [Keys] {
  return Array.isArray(kind);
}

export interface CertificateSettings {
  /** How long before its end a certificate is announced, milliseconds. */
  readonly reminderMs: number;
  /** Where events of the backends' own certificates appear. */
  readonly eventsNamespace: string;
}

const DEFAULT_REMINDER_MS = 720 * 3_600_000;

/** Of several configurations the first by name counts (U-241). */
function specInForce(configs: readonly GlobalConfig[]): JsonObject {
  const [config] = [...configs].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return specOf(config?.spec ?? "");
}

const DEFAULT_SIGNIN_MESSAGE = "with your credentials";

/** Markdown after the words "Sign in" (U-17). */
export function signinMessage(configs: readonly GlobalConfig[]): string {
  const { signin_message: message } = specInForce(configs);
  return typeof message === "string" && message.trim() !== "" ? message : DEFAULT_SIGNIN_MESSAGE;
}

/** U-328, U-249. */
export function certificateSettings(configs: readonly GlobalConfig[], systemNamespace: string): CertificateSettings {
  const { license_expiry_reminder: license, extensions } = specInForce(configs);
  const ours = asObject(extensions);
  const reminder = parseDuration(String(ours["certificate_expiry_reminder"] ?? license ?? ""));
  const namespace = asObject(ours["certificate_events"])["namespace"];
  return {
    reminderMs: reminder ?? DEFAULT_REMINDER_MS,
    eventsNamespace: typeof namespace === "string" && namespace !== "" ? namespace : systemNamespace,
  };
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
