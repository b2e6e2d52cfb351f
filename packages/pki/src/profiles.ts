/** The signing configuration, `ca-config.json` (S-29 to S-31). */
import { oid } from "./der.ts";
import { parseDuration } from "./duration.ts";
import { failure, PkiError } from "./errors.ts";
import { EXTENDED_KEY_USAGES, KEY_USAGES } from "./extensions.ts";
import { type JsonObject, JsonReader, parseJson } from "./json.ts";

export interface Policy {
  id: string;
  qualifiers: { type: string; value: string }[];
}

export interface Profile {
  /** As written; unknown words are kept and ignored. */
  usages: string[];
  /** Milliseconds. */
  expiry: number;
  /** Milliseconds; undefined: five minutes. */
  backdate: number | undefined;
  notBefore: Date | undefined;
  notAfter: Date | undefined;
  issuerUrls: string[];
  ocspUrl: string;
  crlUrl: string;
  ca: { maxPathLength: number | undefined } | undefined;
  ocspNoCheck: boolean;
  nameWhitelist: RegExp | undefined;
  /** Extensions that a caller may ask for; neither command line can ask, so it only has to be well formed. */
  allowedExtensions: string[];
  policies: Policy[];
}

export interface SigningConfig {
  default: Profile;
  profiles: ReadonlyMap<string, Profile>;
}

const HOUR = 3_600_000;

export function defaultProfile(): Profile {
  return {
    usages: ["signing", "key encipherment", "server auth", "client auth"],
    expiry: 8760 * HOUR,
    backdate: undefined,
    notBefore: undefined,
    notAfter: undefined,
    issuerUrls: [],
    ocspUrl: "",
    crlUrl: "",
    ca: undefined,
    ocspNoCheck: false,
    nameWhitelist: undefined,
    allowedExtensions: [],
    policies: [],
  };
}

/** What a new CA certificate gets (S-25, S-41). */
export function caProfile(): Profile {
  return {
    ...defaultProfile(),
    usages: ["cert sign", "crl sign"],
    expiry: 43_800 * HOUR,
    ca: { maxPathLength: undefined },
  };
}

export function keyUsageBits(usages: readonly string[]): number[] {
  return [...new Set(usages.flatMap((usage) => KEY_USAGES[usage] ?? []))].sort((a, b) => a - b);
}

export function extendedUsageIds(usages: readonly string[]): string[] {
  return [...new Set(usages.flatMap((usage) => EXTENDED_KEY_USAGES[usage] ?? []))];
}

function policyError(message: string): PkiError {
  return new PkiError(5200, message);
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw policyError((error as Error).message);
  }
}

function date(text: string, name: string): Date | undefined {
  if (text === "") return undefined;
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw policyError(`${name} is no RFC 3339 time`);
  return value;
}

/** Fields of cfssl's that need a remote signer, a log server or a database. */
const REFUSED = [
  "auth_key",
  "remote",
  "auth_remote",
  "ct_log_servers",
  "cert_store",
  "copy_extensions",
  "lint_error_level",
  "ignored_lints",
];

function isZero(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

function readPolicies(fields: JsonReader): Policy[] {
  return fields.objects("policies").map((policy) => {
    const id = policy.string("ID");
    checkOid(id);
    return {
      id,
      qualifiers: policy.objects("Qualifiers").map((one) => {
        const type = one.string("Type");
        if (type !== "" && type !== "id-qt-cps" && type !== "id-qt-unotice")
          throw policyError("invalid policy qualifier type");
        return { type: type || "id-qt-cps", value: one.string("Value") };
      }),
    };
  });
}

function checkOid(id: string): void {
  if (!/^[0-2](?:\.\d+)+$/.test(id)) throw policyError(`invalid object identifier ${JSON.stringify(id)}`);
  oid(id);
}

function readProfile(fields: JsonReader, isDefault: boolean): Profile {
  for (const name of REFUSED) {
    if (!isZero(fields.raw(name))) throw policyError(`the profile field ${name} is not supported`);
  }
  const expiry = fields.string("expiry");
  const notBefore = date(fields.string("not_before"), "not_before");
  const notAfter = date(fields.string("not_after"), "not_after");
  if (expiry === "" && !(notBefore !== undefined && notAfter !== undefined)) throw policyError("empty expiry string");
  const backdate = fields.string("backdate");
  const constraint = fields.object("ca_constraint");
  const maxPathLength = constraint.number("max_path_len");
  const limited = maxPathLength > 0 || constraint.boolean("max_path_len_zero");
  const whitelist = fields.string("name_whitelist");
  const allowedExtensions = fields.strings("allowed_extensions");
  allowedExtensions.forEach(checkOid);
  const usages = fields.strings("usages");
  const known = usages.filter((usage) => usage in KEY_USAGES || usage in EXTENDED_KEY_USAGES);
  // The default profile may leave its usages out; then it has the built-in ones (`print-defaults config` does so).
  if (known.length === 0 && (usages.length > 0 || !isDefault)) throw policyError("invalid configuration");
  return {
    usages: usages.length === 0 ? defaultProfile().usages : usages,
    expiry: expiry === "" ? 0 : duration(expiry),
    backdate: backdate === "" ? undefined : duration(backdate),
    notBefore,
    notAfter,
    issuerUrls: fields.strings("issuer_urls"),
    ocspUrl: fields.string("ocsp_url"),
    crlUrl: fields.string("crl_url"),
    ca: constraint.boolean("is_ca") ? { maxPathLength: limited ? maxPathLength : undefined } : undefined,
    ocspNoCheck: fields.boolean("ocsp_no_check"),
    nameWhitelist: whitelist === "" ? undefined : pattern(whitelist),
    allowedExtensions,
    policies: readPolicies(fields),
  };
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw new PkiError(5200, "name_whitelist is no valid pattern", { cause: error });
  }
}

/** Reads the JSON text of a configuration; throws 5200. */
export function readConfig(text: string): SigningConfig {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw policyError(`failed to unmarshal configuration: ${(error as Error).message}`);
  }
  const root = new JsonReader(json as JsonObject, (message) =>
    policyError(`failed to unmarshal configuration: ${message}`),
  );
  if (!root.has("signing")) throw failure('No "signing" field present');
  const signing = root.object("signing");
  const profiles = new Map<string, Profile>();
  for (const [name, fields] of signing.entries("profiles")) profiles.set(name, readProfile(fields, false));
  return {
    default: signing.has("default") ? readProfile(signing.object("default"), true) : defaultProfile(),
    profiles,
  };
}

/**
 * The named profile; undefined when there is none of that name. An empty name is the default. URLs that a profile leaves
 * out are the default's, as in cfssl.
 */
export function findProfile(config: SigningConfig, name: string): Profile | undefined {
  if (name === "") return config.default;
  const profile = config.profiles.get(name);
  return (
    profile && {
      ...profile,
      issuerUrls: profile.issuerUrls.length > 0 ? profile.issuerUrls : config.default.issuerUrls,
      ocspUrl: profile.ocspUrl || config.default.ocspUrl,
      crlUrl: profile.crlUrl || config.default.crlUrl,
    }
  );
}
