/** What this room needs of others; app/compose gives it. */
import type { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Decision, Entity, Question } from "@sensu-ts/core";
import type { EventStore } from "@sensu-ts/store";
import type { Identity } from "../access/identity.ts";
import type { Bus } from "../bus/bus.ts";
import type { AgentSessionRow, Tokens, Trace } from "./wire.ts";

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface UiAccess {
  /** Bearer token or API key. Throws `SensuError("unauthenticated")`. */
  authenticate(authorization: string | undefined): Promise<Identity>;
  allowed(identity: Identity, question: Question): boolean;
  /** What the API would answer to such a request, and why. */
  review(identity: Identity, question: Question): Decision;
  /** Calls back when anybody's rights may have changed; returns what ends it. */
  onChange(changed: () => void): () => void;
  /** Throws `SensuError("denied")`, and keeps a record of it. */
  authorize(identity: Identity, question: Question): void;
  /** Whether the caller logged in here, as a user of this cluster, and has not logged out. */
  loggedInHere(identity: Identity): Promise<boolean>;
  /** A new session of a user, for the one-time link. Throws `SensuError` when the user is gone or disabled. */
  issueTokens(username: string): Promise<Tokens>;
}

/** Entities as they are now, in memory. */
export interface UiEntities {
  /** In name order. */
  list(namespace: string): readonly Entity[];
  get(namespace: string, name: string): Entity | undefined;
  /** Calls back when an entity came, changed or went; returns what ends it. */
  onChange(changed: (namespace: string) => void): () => void;
}

export interface UiTraces {
  /** Newest first; empty when nothing is remembered. */
  of(namespace: string, entity: string, check: string): readonly Trace[];
}

/** A certificate this backend serves, trusts or was shown. */
export interface KnownCertificate {
  readonly role: "server" | "store" | "ca" | "agent";
  /** See {@link CertificateRow}. */
  readonly option: string;
  readonly address: string;
  readonly namespace: string;
  readonly entity: string;
  readonly file: string;
  /** SHA-256 of the certificate, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds. */
  readonly notAfter: number;
  /** The certificate in use, then what is sent with it. */
  readonly chain: readonly X509Certificate[];
  /** What the file holds now; absent when there is no file or it cannot be read. */
  readonly onDisk?: string;
  /** The key beside the file fits it. */
  readonly keyFits: boolean;
  /** Hosts of this backend's own URLs that are served with it (S-485). */
  readonly hosts: readonly string[];
  /** Why a member of the cluster would refuse a pair of the store (U-320); absent when it would not. */
  readonly refusal?: string;
  readonly revoked: boolean;
  /** Milliseconds; 0 where nobody connects. */
  readonly seenAt: number;
}

/** What a check measured (U-324). */
export interface MeasuredCertificate {
  readonly namespace: string;
  readonly entity: string;
  readonly check: string;
  /** Tags of the point, `host=www.acme.example`. */
  readonly subject: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly seenAt: number;
}

export interface KnownCrl {
  readonly option: string;
  /** Path or URL. */
  readonly source: string;
  readonly issuer: string;
  /** Milliseconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

export interface UiCertificates {
  readonly backend: string;
  /** How long before its end a certificate is announced (U-328). */
  reminderMs(): number;
  certificates(): Promise<readonly KnownCertificate[]>;
  crls(): readonly KnownCrl[];
}

export interface UiSessions {
  /** Of this backend, in name order; an empty `namespace` is all. */
  list(namespace: string): readonly AgentSessionRow[];
}

export interface UiSchedule {
  /** Undefined when there is no such check; `at` (milliseconds) is undefined when it is not scheduled. */
  nextRun(namespace: string, check: string): { readonly at: number | undefined } | undefined;
}

export interface UiPorts {
  /** Serves `/auth`, `/api` and `/graphql` as port 8080 does. */
  readonly apiHandler: HttpHandler;
  readonly access: UiAccess;
  readonly events: EventStore;
  readonly entities: UiEntities;
  readonly bus: Pick<Bus, "listen">;
  readonly traces: UiTraces;
  readonly certificates: UiCertificates;
  readonly sessions: UiSessions;
  readonly schedule: UiSchedule;
  /** Markdown after "Sign in" (U-17). */
  readonly signinMessage: () => string;
  /** Called with what went wrong behind a 500; never with secrets. */
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}
