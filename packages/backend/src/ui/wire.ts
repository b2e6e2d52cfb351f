/**
 * What the page and the backend say to each other under `/api/ui/v1` (U 6.8). Types of other rooms only: the page takes
 * its own from this very file.
 */
export type { Trace, TraceRun, TraceStep } from "../pipeline/path.ts";

/** One line of the events list. Times are unix seconds, 0 is never. */
export interface EventRow {
  readonly entity: string;
  readonly check: string;
  readonly status: number;
  /** `passing`, `failing`, `flapping` or empty. */
  readonly state: string;
  /** Names of the silences that covered the result. */
  readonly silenced: readonly string[];
  readonly timestamp: number;
  readonly lastOk: number;
  readonly executed: number;
  readonly occurrences: number;
  /** At most {@link ROW_OUTPUT} characters, line ends kept. */
  readonly output: string;
  /** Check definition this came from can be executed by hand (not a keepalive). */
  readonly runnable: boolean;
  /** The check's proxy entity, or empty. */
  readonly proxyEntity: string;
}

/** One line of the entities list. */
export interface EntityRow {
  readonly name: string;
  readonly entityClass: string;
  readonly platform: string;
  readonly arch: string;
  readonly subscriptions: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds, 0 is never. */
  readonly lastSeen: number;
  /** Worst status of its events, -1 without events. */
  readonly status: number;
  readonly incidents: number;
  readonly agentVersion: string;
}

export const ROW_OUTPUT = 200;

/** Current events of one namespace by status. */
export interface StatusCounts {
  readonly total: number;
  readonly passing: number;
  readonly warning: number;
  readonly critical: number;
  readonly unknown: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Rows that match the question on all pages. */
  readonly matches: number;
  readonly offset: number;
  readonly limit: number;
}

export interface EventsPage extends Page<EventRow> {
  readonly counts: StatusCounts;
}

export type EntitiesPage = Page<EntityRow>;

export const EVENT_ORDERS = ["lastok", "severity", "newest", "oldest", "name"] as const;
export type EventListOrder = (typeof EVENT_ORDERS)[number];
export const ENTITY_ORDERS = ["name", "lastseen"] as const;
export type EntityListOrder = (typeof ENTITY_ORDERS)[number];

/** The question behind a list page: what its address says. */
export interface ListQuestion<Order extends string> {
  readonly namespace: string;
  /** Search text, see search.ts. */
  readonly q: string;
  readonly order: Order;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
}

/**
 * Frames of the live feed (`GET /api/ui/v1/stream`), one JSON object each in an SSE `data:` line. `row` and `gone`
 * keep the page's rows exactly as the backend sees them: take the row with that key out, put the new one in at `at`,
 * cut to `limit`.
 */
export type Frame =
  | { readonly kind: "hello"; readonly now: number; readonly version: string }
  | { readonly kind: "events"; readonly page: EventsPage }
  | { readonly kind: "entities"; readonly page: EntitiesPage }
  | { readonly kind: "row"; readonly at: number; readonly event: EventRow }
  | { readonly kind: "gone"; readonly entity: string; readonly check: string }
  | { readonly kind: "entity"; readonly row: EntityRow }
  | { readonly kind: "count"; readonly matches: number; readonly counts: StatusCounts }
  /** Rows came or went before this page: what it shows is right, but its place in the whole is not. */
  | { readonly kind: "moved" }
  /** The event of an event page: the object that the ordinary API answers. */
  | { readonly kind: "event"; readonly event: unknown }
  | { readonly kind: "deleted" }
  /** Changes were dropped for this listener, because it reads too slowly: a whole page follows. */
  | { readonly kind: "resync" }
  | { readonly kind: "bye"; readonly reason: "token" | "shutdown" | "slow" | "denied" };

/** `store`: of etcd, which the built-in store only checks. `check`: measured by a check. */
export type CertificateRole = "server" | "store" | "ca" | "crl" | "agent" | "check";

/** One certificate, or one revocation list, in which `not_after` is the next update (U-325). Times are unix seconds. */
export interface CertificateRow {
  readonly role: CertificateRole;
  /** Option that names the file, or the check that measured it; empty for agents. */
  readonly option: string;
  /** Name of the backend that serves or saw it. */
  readonly backend: string;
  readonly cluster: string;
  /** Of the agent, or of the entity whose check measured it. */
  readonly namespace: string;
  readonly entity: string;
  /** Of the listener or the agent. */
  readonly address: string;
  readonly file: string;
  readonly subject: string;
  readonly sans: readonly string[];
  readonly issuer: string;
  /** Hexadecimal, upper case. */
  readonly serial: string;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
  readonly not_before: number;
  readonly not_after: number;
  readonly key: { readonly algorithm: string; readonly bits: number };
  /** Subjects of the certificates that are sent with it. */
  readonly chain: readonly string[];
  readonly problems: readonly CertificateProblem[];
  /** When an agent last connected with it, or a check last measured it. */
  readonly seen_at: number;
  /** What the file holds, when that is another certificate than the one in use. */
  readonly on_disk?: { readonly serial: string; readonly not_after: number };
}

export interface CertificateProblem {
  readonly code: string;
  /** What is wrong and what to do. */
  readonly text: string;
}

export interface CertificatesAnswer {
  /** Those that end first. */
  readonly rows: readonly CertificateRow[];
  /** How many more there are. */
  readonly left_out: number;
  /** How long before its end a certificate is announced. */
  readonly reminder_seconds: number;
}

/** One live connection of an agent (S-418). Times are unix seconds. */
export interface AgentSessionRow {
  readonly namespace: string;
  readonly entity: string;
  readonly user: string;
  readonly method: "password" | "certificate";
  /** Of the certificate; empty with a password. */
  readonly subject: string;
  readonly serial: string;
  /** 0 with a password. */
  readonly not_after: number;
  /** Empty on a plaintext connection. */
  readonly tls_version: string;
  readonly address: string;
  readonly connected_since: number;
  /** Name of the backend it is connected to. */
  readonly backend: string;
}

/** The certificate and what is sent with it. */
export interface CertificatePem {
  readonly pem: string;
}

/** When the check of an event runs next (U-143). */
export interface NextRun {
  /** False: agents or scripts send it by themselves. */
  readonly defined: boolean;
  /** Unix milliseconds by the backend's clock; 0: it is not scheduled. */
  readonly at: number;
}

export interface Tokens {
  readonly access_token: string;
  /** Unix seconds. */
  readonly expires_at: number;
  readonly refresh_token: string;
}

export interface SigninInfo {
  /** Markdown. */
  readonly message: string;
  readonly version: string;
}

/** One-time sign-in link: `path` goes behind the page's origin. */
export interface TicketAnswer {
  readonly path: string;
  /** Unix seconds. */
  readonly expires_at: number;
}

/** A question about the caller's rights. */
export interface Review {
  readonly verb: "get" | "list" | "create" | "update" | "delete";
  /** As rules name it: `checks`. */
  readonly resource: string;
  /** Empty: cluster-wide, or all namespaces. */
  readonly namespace: string;
  /** Absent or empty: lists and creation. */
  readonly name?: string;
  /** A rule on a resource covers every group and version of it (S-302). */
  readonly apiGroup?: string;
  readonly apiVersion?: string;
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  /** What decided; null when nothing allows it, or when a namespace is seen by what is in it. */
  readonly binding: {
    readonly type: "ClusterRoleBinding" | "RoleBinding";
    readonly namespace: string;
    readonly name: string;
  } | null;
  readonly rule: {
    readonly verbs: readonly string[];
    readonly resources: readonly string[];
    /** Null: all of them. */
    readonly resource_names: readonly string[] | null;
  } | null;
  /** Why not, when more is known than that nothing allows it: a binding of the caller whose role does not exist. */
  readonly reason: string;
}
