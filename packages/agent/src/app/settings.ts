/** Resolved options to what the agent runs with, checked as the original checks them at start (W-84). */
import { getFips, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import {
  EntityConfig,
  invalid,
  ObjectMeta,
  type OptionOrigin,
  type ResolvedOptions,
  ResourceReference,
  SensuError,
} from "@sensu-ts/core";
import {
  type ClientTls,
  exposureWarning,
  LONGEST_TIMER_MS,
  type LogLevel,
  parseLogLevel,
  refuseExposed,
} from "@sensu-ts/runtime";
import { AllowList } from "../checks/allow-list.ts";
import type { AGENT_OPTIONS } from "./options.ts";
import { OPTIONS_WITHOUT_EFFECT } from "./options-without-effect.ts";

export type AgentOptionValues = ResolvedOptions<typeof AGENT_OPTIONS>;
export type AgentOptionName = keyof AgentOptionValues;

export interface AgentSettings {
  readonly logLevel: LogLevel;
  /** Name, namespace, labels and so on as configured here. */
  readonly entity: EntityConfig;
  readonly name: string;
  readonly namespace: string;
  readonly agentManaged: boolean;
  readonly link: LinkSettings;
  readonly keepalive: KeepaliveSettings;
  readonly facts: { readonly networks: boolean; readonly cloudProvider: boolean };
  readonly checks: {
    readonly assets: boolean;
    readonly maskSecrets: boolean;
    /** Absent: every command may run. */
    readonly allowList: AllowList | undefined;
  };
  /** Absent when switched off. */
  readonly api?: ApiSettings;
  readonly cacheDir: string;
}

export interface LinkSettings {
  /** With port. */
  readonly urls: readonly string[];
  /** Absent with a client certificate (W-8). */
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly tls: ClientTls;
  /** What a refused agent with half a pair has to be told (S-147). */
  readonly halfPair?: string;
  readonly handshakeTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly retry: { readonly minMs: number; readonly maxMs: number; readonly multiplier: number };
  /** 0: no limit. */
  readonly maxSessionMs: number;
}

export interface KeepaliveSettings {
  /** Seconds, as they travel in the event. */
  readonly interval: number;
  readonly warningTimeout: number;
  readonly criticalTimeout: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pipelines: readonly ResourceReference[];
}

export interface ApiSettings {
  readonly host: string;
  readonly port: number;
  /** Path of the Unix socket that takes the place of host and port; empty: none. */
  readonly unixSocket: string;
  /** What posting events needs; empty: nothing. */
  readonly token: string;
  readonly insecureOk: boolean;
  /** Events a second; 0: no limit. */
  readonly rate: number;
  readonly burst: number;
}

const DEFAULT_PORT = "8081";
const MANAGED_BY = "sensu.io/managed_by";
const NAME = /^[\w.:-]+$/;

/** Warnings are pushed onto `warnings`; what stops the start is thrown as `SensuError` with the public reason. */
export function agentSettings(
  options: AgentOptionValues,
  origins: Readonly<Record<AgentOptionName, OptionOrigin>>,
  warnings: string[],
): AgentSettings {
  const logLevel = parseLogLevel(options["log-level"]);
  if (logLevel === undefined) throw invalid(`not a valid logrus Level: ${JSON.stringify(options["log-level"])}`);
  lackingParts(options, origins, warnings);
  const keepalive = keepaliveSettings(options, origins, warnings);
  const name = options.name || hostname() || randomUUID();
  if (!NAME.test(name)) throw invalid("invalid agent name: cannot contain spaces or special characters");
  const link = linkSettings(options, warnings);
  if (origins.password === "flag") {
    warnings.push("the password was given as a flag, where every user of this host can see it; use password-file");
  }

  return {
    logLevel,
    name,
    namespace: options.namespace,
    agentManaged: options["agent-managed-entity"],
    entity: localEntity(options, name),
    link,
    keepalive,
    facts: { networks: !options["strip-networks"], cloudProvider: options["detect-cloud-provider"] },
    checks: {
      assets: !options["disable-assets"],
      maskSecrets: !options["disable-secret-masking"],
      allowList: allowList(options, warnings),
    },
    ...(options["disable-api"] ? {} : { api: apiSettings(options, warnings) }),
    cacheDir: options["cache-dir"],
  };
}

/** What would weaken the host if it were ignored stops the start; the rest is named. */
function lackingParts(
  options: AgentOptionValues,
  origins: Readonly<Record<AgentOptionName, OptionOrigin>>,
  warnings: string[],
): void {
  if (options["require-fips"] && getFips() === 0) {
    throw invalid("require-fips: Node.js does not run in FIPS mode here; remove it to start without");
  }
  const given: string[] = OPTIONS_WITHOUT_EFFECT.map((row) => row.name).filter((name) => origins[name] !== "default");
  for (const name of ["disable-sockets", "statsd-disable"] as const) {
    if (origins[name] !== "default" && !options[name]) given.push(name);
  }
  if (given.length > 0) warnings.push(`options without effect in this version: ${given.join(", ")}`);
}

function apiSettings(options: AgentOptionValues, warnings: string[]): ApiSettings {
  return {
    host: options["api-host"],
    port: options["api-port"],
    unixSocket: options["api-unix-socket"],
    token: apiToken(options, warnings),
    insecureOk: options["insecure-ok"],
    rate: options["events-rate-limit"],
    burst: Math.max(1, options["events-burst-limit"]),
  };
}

function apiToken(options: AgentOptionValues, warnings: string[]): string {
  if (options["api-token-file"] === "") return "";
  const token = secretIn("api-token-file", "token", options, warnings).trim();
  // What fits into a header behind `Bearer `, and no empty one that anybody could guess.
  if (/^[!-~]+$/.test(token)) return token;
  throw invalid(`api-token-file ${options["api-token-file"]}: want one word of printable ASCII characters in it`);
}

function localEntity(options: AgentOptionValues, name: string): EntityConfig {
  return EntityConfig.create({
    metadata: ObjectMeta.create({
      name,
      namespace: options.namespace,
      labels: {
        ...options.labels,
        ...(options["agent-managed-entity"] ? { [MANAGED_BY]: "sensu-agent" } : {}),
      },
      annotations: options.annotations,
    }),
    entity_class: "agent",
    user: options.user,
    subscriptions: options.subscriptions,
    deregister: options.deregister,
    deregistration: { handler: options["deregistration-handler"] },
    keepalive_handlers: options["keepalive-handlers"],
    redact: options.redact,
  });
}

function keepaliveSettings(
  options: AgentOptionValues,
  origins: Readonly<Record<AgentOptionName, OptionOrigin>>,
  warnings: string[],
): KeepaliveSettings {
  const interval = options["keepalive-interval"];
  const warning = options["keepalive-warning-timeout"];
  let critical = options["keepalive-critical-timeout"];
  if (origins["keepalive-critical-timeout"] === "default" && (warning >= critical || interval >= critical))
    critical = 0;

  if (interval < 1) throw invalid("keepalive interval must be at least 1 second");
  if (critical !== 0 && critical < warning) {
    throw invalid("if set, --keepalive-critical-timeout must be greater than --keepalive-warning-timeout");
  }
  if (critical > 0 && critical <= interval) {
    throw invalid("keepalive critical timeout must be greater than keepalive interval");
  }
  if (warning > 0 && warning <= interval) {
    throw invalid("keepalive warning timeout must be greater than keepalive interval");
  }
  if (warning > 0 && warning < 5) {
    throw invalid(`bad keepalive timeout: ${warning} (minimum value is 5 seconds)`);
  }
  if (critical > 0 && critical < 5) {
    throw invalid(`bad keepalive critical timeout: ${critical} (minimum value is 5 seconds)`);
  }
  return {
    interval,
    warningTimeout: warning,
    criticalTimeout: critical,
    labels: options["keepalive-check-labels"],
    annotations: options["keepalive-check-annotations"],
    pipelines: options["keepalive-pipelines"].flatMap((text) => {
      // W-68: anywhere in the text; white space may stand before the name.
      const match = /(\w+\/v\d+)\.(\w+)(?:\.|\s+)([\w.:-]+)/.exec(text);
      if (match === null) {
        warnings.push(
          `keepalive pipeline ${JSON.stringify(text)} is no reference such as core/v2.Pipeline.NAME; ignored`,
        );
        return [];
      }
      const [, api_version = "", type = "", name = ""] = match;
      return [ResourceReference.create({ api_version, type, name })];
    }),
  };
}

function linkSettings(options: AgentOptionValues, warnings: string[]): LinkSettings {
  const seconds = (value: number, otherwise: number) => (value < 1 ? otherwise : value);
  const heartbeat = seconds(options["backend-heartbeat-interval"], 30);
  let answer = seconds(options["backend-heartbeat-timeout"], 45);
  if (answer <= heartbeat) {
    answer = Math.floor((heartbeat * 10) / 6);
    warnings.push(`backend-heartbeat-timeout must be greater than backend-heartbeat-interval; ${answer} is used`);
  }
  const urls = options["backend-url"].map(backendUrl);
  if (urls.length === 0) throw invalid("no backend URLs defined");
  const missing = (["cert-file", "key-file"] as const).filter((name) => options[name] === "");
  const [half] = missing.length === 1 ? missing : [];
  const keyFile = options["key-file"];
  // One in another place than configured (S-475) is refused at each connection.
  if (options["strict-permissions"] && existsSync(keyFile)) refuseExposed("key-file", "private key", keyFile);
  const halfPair = half && `${half} is not set: a client certificate needs both cert-file and key-file`;
  if (halfPair) warnings.push(`${halfPair}; with one of them the agent has neither certificate nor password to show`);
  return {
    urls,
    ...(missing.length === 2 ? { credentials: { user: options.user, password: password(options, warnings) } } : {}),
    ...(halfPair ? { halfPair } : {}),
    tls: {
      trustedCaFile: options["trusted-ca-file"],
      certFile: options["cert-file"],
      keyFile,
      insecureSkipVerify: options["insecure-skip-tls-verify"],
      strictPermissions: options["strict-permissions"],
    },
    handshakeTimeoutMs: timer(seconds(options["backend-handshake-timeout"], 15) * 1000),
    heartbeatIntervalMs: timer(heartbeat * 1000),
    heartbeatTimeoutMs: timer(answer * 1000),
    retry: {
      minMs: timer(options["retry-min"]),
      maxMs: timer(options["retry-max"]),
      multiplier: options["retry-multiplier"] || 2,
    },
    maxSessionMs: timer(options["max-session-length"]),
  };
}

/** A wait of a month, such as `max-session-length: 720h`, must not become one of no time. */
function timer(milliseconds: number): number {
  return Math.min(milliseconds, LONGEST_TIMER_MS);
}

function allowList(options: AgentOptionValues, warnings: string[]): AllowList | undefined {
  const file = options["allow-list"];
  if (file === "") {
    if (options["allow-list-strict"]) throw invalid("allow-list-strict needs allow-list");
    return undefined;
  }
  const list = AllowList.read(file, options["allow-list-strict"]);
  if (!list.isEmpty) return list;
  warnings.push(`allow-list ${file} lists nothing: every command may run`);
  return undefined;
}

function password(options: AgentOptionValues, warnings: string[]): string {
  if (options["password-file"] === "") return options.password;
  return secretIn("password-file", "password", options, warnings).replace(/\r?\n$/, "");
}

/** What the file holds; who else can read it is told, or refused (S-404). */
function secretIn(
  option: "password-file" | "api-token-file",
  what: string,
  options: AgentOptionValues,
  warnings: string[],
): string {
  const file = options[option];
  try {
    if (options["strict-permissions"]) refuseExposed(option, what, file);
    const exposed = exposureWarning(what, file);
    if (exposed !== undefined) warnings.push(`${option}: ${exposed}`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof SensuError) throw error;
    throw invalid(`${what} file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, error);
  }
}

/** W-6. */
function backendUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw invalid(`bad backend URL (${text})`);
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw invalid(`backend URL (${text}) must have ws:// or wss:// scheme`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("a backend URL must not hold a user name or password");
  }
  // The URL class drops the scheme's own port; the text tells whether one was given.
  const [, authority = "", tail = ""] = /^\w+:\/\/([^/?#]*)(.*)$/.exec(text) ?? [];
  const hasPort = /:\d+$/.test(authority);
  return `${url.protocol}//${hasPort ? authority : `${authority}:${DEFAULT_PORT}`}${tail}`;
}
