/** From argv, environment and file to checked options (B-301 to B-311, B-390 to B-392). */
import { existsSync, readFileSync } from "node:fs";
import {
  type ConfigFile,
  locateConfigFile,
  type Options,
  type Resolution,
  resolveOptions,
  SensuError,
} from "@sensu-ts/core";
import { type LogLevel, openError, parseLogLevel } from "@sensu-ts/runtime";
import { ACCEPT_HASHES } from "../gateway/accept-hash.ts";
import { PASSTHROUGH } from "../pipeline/handler-environment.ts";
import { STORE_TLS_OPTIONS } from "./certificates/store-tls.ts";
import {
  type BackendOptions,
  OPTIONS_WITHOUT_EFFECT,
  REFUSED_OPTIONS,
  START_ONLY_OPTIONS,
  type START_OPTIONS,
} from "./options.ts";

export const ENV_PREFIX = "SENSU_BACKEND_";
const DEFAULT_CONFIG_FILE = "/etc/sensu/backend.yml";

export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the configuration file if there is one and resolves `rows`. Throws when a named file cannot be read. */
export function resolve<const R extends Options>(rows: R, surroundings: Surroundings): Resolution<R> {
  const given = { ...surroundings, envPrefix: ENV_PREFIX };
  const { path, explicit } = locateConfigFile(rows, given, DEFAULT_CONFIG_FILE);
  let file: ConfigFile | undefined;
  if (explicit || existsSync(path)) {
    try {
      file = { path, explicit, text: readFileSync(path, "utf8") };
    } catch (error) {
      const missing =
        (error as NodeJS.ErrnoException).code === "ENOENT"
          ? "; every option has a default, so an empty file will do"
          : "";
      if (explicit) throw new SensuError("invalid", `${openError(path, error)}${missing}`, { cause: error });
    }
  }
  return resolveOptions(rows, file ? { ...given, file } : given);
}

/** Warnings about flags of `init` and `upgrade` that name a store which is not asked, or that count for `start`. */
export function idleFlags({ origins }: { readonly origins: Readonly<Record<string, string>> }): readonly string[] {
  const given = Object.keys(origins).filter((name) => origins[name] === "flag");
  const told = (text: string, names: readonly string[]) => (names.length === 0 ? [] : [`${text}: ${names.join(", ")}`]);
  return [
    ...told(
      "options without effect on the built-in store",
      given.filter((name) => OPTIONS_WITHOUT_EFFECT.has(name)),
    ),
    ...told(
      "options that count for sensu-backend start only",
      given.filter((name) => START_ONLY_OPTIONS.has(name)),
    ),
  ];
}

/** What means something only when agents show certificates. */
const MUTUAL_ONLY: ReadonlySet<string> = new Set([
  "agent-auth-trusted-ca-file",
  "agent-auth-crl-urls",
  "agent-auth-crl-refresh-interval",
  "agent-auth-crl-hard-fail",
  "agent-auth-strict-handshake",
  "agent-cert-expiry-warning",
  "agent-cert-expiry-critical",
]);

export interface Configuration {
  readonly options: BackendOptions;
  readonly logLevel: LogLevel;
  readonly warnings: readonly string[];
}

const KEYS = {
  "cert-file": "key-file",
  "dashboard-cert-file": "dashboard-key-file",
  "agent-auth-cert-file": "agent-auth-key-file",
} as const;

function pair(options: BackendOptions, cert: keyof typeof KEYS, message: string): void {
  const key = KEYS[cert];
  if ((options[cert] === "") !== (options[key] === "")) throw new SensuError("invalid", message);
}

/** S-486: without its pair a port cannot ask for certificates, and a start that ignored it would be open to all. */
function peoplesCertificates(options: BackendOptions): void {
  const asked = [
    ["api-auth-trusted-ca-file", options["cert-file"], "cert-file and key-file"],
    [
      "dashboard-auth-trusted-ca-file",
      options["dashboard-cert-file"] || options["cert-file"],
      "dashboard-cert-file and dashboard-key-file, or cert-file and key-file",
    ],
  ] as const;
  for (const [option, pairFile, needed] of asked) {
    if (options[option] !== "" && pairFile === "") {
      throw new SensuError("invalid", `${option} asks for certificates on a plaintext port: set ${needed}`);
    }
  }
}

/** Throws `SensuError("invalid")` with the original's text for the first thing that forbids a start. */
export function configure({ values, origins, warnings, errors }: Resolution<typeof START_OPTIONS>): Configuration {
  if (errors[0] !== undefined) throw new SensuError("invalid", errors[0]);
  const logLevel = parseLogLevel(values["log-level"]);
  if (logLevel === undefined) {
    throw new SensuError("invalid", `not a valid logrus Level: ${JSON.stringify(values["log-level"])}`);
  }
  pair(values, "cert-file", "tls configuration error, both flags --cert-file & --key-file are required");
  pair(
    values,
    "dashboard-cert-file",
    "dashboard tls configuration error, both flags --dashboard-cert-file and --dashboard-key-file are required",
  );
  pair(
    values,
    "agent-auth-cert-file",
    "agent tls configuration error, both flags --agent-auth-cert-file and --agent-auth-key-file are required",
  );
  if (!(ACCEPT_HASHES as readonly string[]).includes(values["agent-websocket-accept-hash"])) {
    throw new SensuError("invalid", `agent-websocket-accept-hash must be one of ${ACCEPT_HASHES.join(", ")}`);
  }
  if (!(PASSTHROUGH as readonly string[]).includes(values["handler-env-passthrough"])) {
    throw new SensuError("invalid", `handler-env-passthrough must be one of ${PASSTHROUGH.join(", ")}`);
  }
  peoplesCertificates(values);
  const given = Object.entries(origins).filter(([, origin]) => origin !== "default");
  const unsupported = given.map(([name]) => name).filter((name) => REFUSED_OPTIONS.has(name));
  if (unsupported.length > 0) {
    throw new SensuError("invalid", `this version does not have ${unsupported.join(", ")}: remove it to start without`);
  }
  if (values["embedded-store"] !== "auto" && values["embedded-store"] !== "builtin") {
    throw new SensuError(
      "invalid",
      `embedded-store ${values["embedded-store"]}: this version has the builtin store only`,
    );
  }
  if (values["etcd-initial-cluster"].includes(",") || values["etcd-initial-cluster-state"] === "existing") {
    throw new SensuError("invalid", "etcd-initial-cluster asks for a cluster: this version runs a single backend");
  }
  const notes = [...warnings];
  const idle = given.map(([name]) => name).filter((name) => OPTIONS_WITHOUT_EFFECT.has(name));
  const ofStore = idle.filter((name) => STORE_TLS_OPTIONS.includes(name));
  const others = idle.filter((name) => !STORE_TLS_OPTIONS.includes(name));
  if (others.length > 0) notes.push(`options without effect in this version or store mode: ${others.join(", ")}`);
  if (ofStore.length > 0) {
    notes.push(
      `the built-in store opens no port to protect, so these have no effect but that they are checked: ${ofStore.join(", ")}; a real TLS-protected etcd is embedded-store: etcd, which this version does not have`,
    );
  }
  const mutual = given.map(([name]) => name).filter((name) => MUTUAL_ONLY.has(name));
  if (mutual.length > 0 && values["agent-auth-cert-file"] === "") {
    notes.push(
      `${mutual.join(", ")}: without effect, agents are not asked for certificates; set agent-auth-cert-file and agent-auth-key-file`,
    );
  }
  return { options: values, logLevel, warnings: notes };
}
