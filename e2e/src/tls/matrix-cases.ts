/**
 * What each listener answers each client: the whole table. Rows are clients, columns are listeners.
 *
 * - `open`: API, page, and agents in password mode. A client certificate is never asked for there (S-134 to S-136), so
 *   a wrong one does no harm.
 * - `mtls`: the agents' listener with `agent-auth-cert-file` (S-174 to S-190): refused by HTTP with the reason.
 * - `strict`: the same with `agent-auth-strict-handshake`: a wrong certificate ends the handshake with the TLS alert
 *   (S-181, S-182), the reason is in the log; a user without rights is still told by HTTP.
 * - `people`: API and page with `api-auth-trusted-ca-file` and `dashboard-auth-trusted-ca-file`: the certificate is
 *   checked as on `mtls`, its name is nobody's identity (S-486).
 *
 * Every row runs over TLS 1.2 and TLS 1.3 unless it names its own protocol.
 */
import type { Material } from "./materials.ts";

export type Expectation =
  /** The request is answered: 200, or 101 and the agent's entity appears. */
  | { readonly outcome: "served" }
  /** An HTTP answer that refuses; nothing of the agent is read. */
  | { readonly outcome: "refused"; readonly status: number; readonly reason: RegExp; readonly unlogged?: true }
  /** The handshake ends with this TLS alert, without a byte of HTTP. */
  | { readonly outcome: "alert"; readonly alert: RegExp; readonly reason?: RegExp };

export interface Row {
  /** The certificate shown; undefined: none. */
  readonly client: Material | undefined;
  readonly title: string;
  readonly open: Expectation;
  readonly mtls: Expectation;
  readonly strict: Expectation;
  readonly people: Expectation;
  /** The password an agent sends along. Default: the right one on `open`, none elsewhere. */
  readonly password?: "right" | "wrong" | "none";
  readonly protocol?: "TLSv1.1" | "plaintext";
  /** Offers the session of an earlier, accepted connection. */
  readonly resumes?: true;
  /** The row says something about agents only. */
  readonly agentsOnly?: true;
}

const served: Expectation = { outcome: "served" };
const refused = (status: number, reason: RegExp): Expectation => ({ outcome: "refused", status, reason });
const alerted = (alert: RegExp, reason: RegExp): Expectation => ({ outcome: "alert", alert, reason });

/** A certificate that is right as such: only the agents' listeners look at its name. */
function accepted(title: string, client: Material): Row {
  return { title, client, open: served, mtls: served, strict: served, people: served };
}

/** A certificate that is wrong as such. */
function rejected(title: string, client: Material, reason: RegExp, alert: RegExp): Row {
  const answer = refused(401, reason);
  return { title, client, open: served, mtls: answer, strict: alerted(alert, reason), people: answer };
}

/** A right certificate whose common name is no identity of an agent. */
function nobody(title: string, client: Material, reason: RegExp, alert: RegExp): Row {
  return { title, client, open: served, mtls: refused(401, reason), strict: alerted(alert, reason), people: served };
}

const VALIDITY = /x509: certificate has expired or is not yet valid/;
const UNKNOWN = /x509: certificate signed by unknown authority/;
const USAGE = /x509: certificate specifies an incompatible key usage/;
const ABSENT = /tls: client didn't provide a certificate/;
const VERSION: Expectation = { outcome: "alert", alert: /protocol version/i };
/** What TLS 1.3 and TLS 1.2 send for no certificate. */
const REQUIRED = /certificate required|handshake failure/i;
const EXPIRED = /alert certificate expired/;
const UNKNOWN_CA = /alert unknown ca/;
const UNSUPPORTED = /alert unsupported certificate/;
const REVOKED = /alert certificate revoked/;
const NOT_TLS: Expectation = {
  ...{ outcome: "refused", status: 400, unlogged: true },
  reason: /Client sent an HTTP request to an HTTPS server\./,
};

export const ROWS: readonly Row[] = [
  // Certificates that are right.
  accepted("right, RSA", "right"),
  accepted("right, P-256", "p256"),
  accepted("right, P-384", "p384"),
  accepted("right, Ed25519", "ed25519"),
  accepted("issued by an intermediate that is sent along", "chain"),
  accepted("for client and server", "both usages"),
  accepted("for any usage", "any usage"),
  accepted("without extended usage", "no usage"),
  accepted("with the guide's one empty name (S-52)", "empty name"),
  accepted("with another host's name: names of agents are not looked at (S-175)", "wrong name"),
  accepted("several common names: the last counts (S-176)", "last name right"),
  accepted("common name of no user (S-176, S-490)", "missing user"),
  accepted("common name that could not be a user's (S-177)", "odd name"),

  // Certificates that are wrong.
  {
    title: "none",
    client: undefined,
    open: served,
    mtls: refused(401, ABSENT),
    strict: alerted(REQUIRED, ABSENT),
    people: refused(401, ABSENT),
  },
  rejected("expired", "expired", VALIDITY, EXPIRED),
  rejected("not yet valid", "not yet valid", VALIDITY, EXPIRED),
  rejected("another CA's", "wrong CA", UNKNOWN, UNKNOWN_CA),
  rejected("another CA's of the same name", "forged CA", UNKNOWN, UNKNOWN_CA),
  rejected("the CA's of the server (S-180)", "server's CA", UNKNOWN, UNKNOWN_CA),
  rejected("self-signed", "self-signed", UNKNOWN, UNKNOWN_CA),
  rejected("issued by an intermediate that is not sent", "truncated chain", UNKNOWN, UNKNOWN_CA),
  rejected("issued by an expired intermediate", "expired chain", VALIDITY, EXPIRED),
  rejected("for servers only", "server usage", USAGE, UNSUPPORTED),
  rejected("for signing code", "code signing", USAGE, UNSUPPORTED),
  rejected("RSA key of 1024 bits", "weak key", /too weak/, /alert bad certificate/),
  rejected("revoked", "revoked", /revoked/, REVOKED),
  {
    ...rejected("revoked, and resuming the session it had before (S-183)", "resumed", /revoked/, REVOKED),
    resumes: true,
  },

  // Users.
  nobody("no common name", "no name", /no common name/, /alert certificate unknown/),
  nobody("several common names, the last a disabled user's", "last name disabled", /disabled/, /alert access denied/),
  nobody("common name of a disabled user", "disabled user", /disabled/, /alert access denied/),
  {
    ...accepted("common name of a user without rights (S-490)", "rightless user"),
    mtls: refused(403, /Forbidden/),
    strict: refused(403, /Forbidden/),
  },

  // Passwords beside certificates (S-147, S-174).
  {
    title: "a right password instead of a certificate",
    client: undefined,
    password: "right",
    agentsOnly: true,
    open: served,
    mtls: refused(401, ABSENT),
    strict: alerted(REQUIRED, ABSENT),
    people: served,
  },
  {
    ...accepted("right, with a wrong password", "right"),
    password: "wrong",
    agentsOnly: true,
    open: refused(401, /bad credentials/),
  },
  {
    ...accepted("right, without a password", "right"),
    password: "none",
    agentsOnly: true,
    open: refused(401, /missing credentials/),
  },

  // Protocols.
  {
    title: "TLS 1.1",
    client: "right",
    protocol: "TLSv1.1",
    open: VERSION,
    mtls: VERSION,
    strict: VERSION,
    people: VERSION,
  },
  {
    title: "plaintext",
    client: undefined,
    protocol: "plaintext",
    open: NOT_TLS,
    mtls: NOT_TLS,
    strict: NOT_TLS,
    people: NOT_TLS,
  },
];

export type Column = "open" | "mtls" | "strict" | "people";

/** Listeners of each column. */
export const LISTENERS = [
  { name: "API", column: "open", kind: "api" },
  { name: "page", column: "open", kind: "ui" },
  { name: "agents by password", column: "open", kind: "agents" },
  { name: "agents by certificate", column: "mtls", kind: "agents" },
  { name: "agents by certificate, strict handshake", column: "strict", kind: "agents" },
  { name: "API for people with certificates", column: "people", kind: "api" },
  { name: "page for people with certificates", column: "people", kind: "ui" },
] as const;

export type Listener = (typeof LISTENERS)[number];

export interface Case {
  readonly title: string;
  /** Fit for an agent's name; unique. */
  readonly id: string;
  readonly row: Row;
  readonly listener: Listener;
  readonly version: "TLSv1.2" | "TLSv1.3" | "TLSv1.1" | "plaintext";
  readonly expectation: Expectation;
}

export const CASES: readonly Case[] = LISTENERS.flatMap((listener) =>
  ROWS.filter((row) => !row.agentsOnly || listener.kind === "agents").flatMap((row) => {
    const versions = row.protocol ? [row.protocol] : (["TLSv1.2", "TLSv1.3"] as const);
    return versions.map((version) => ({
      title: `${listener.name} x ${row.title} (${version})`,
      id: `${row.title} ${version} ${row.password ?? ""}`.replace(/[^A-Za-z0-9.]+/g, "-"),
      row,
      listener,
      version,
      expectation: row[listener.column],
    }));
  }),
);
