/** Sides of other rooms as this room wants to see them; for app/compose. */
import { type EntityConfig, type EntityState, SensuError } from "@sensu-ts/core";
import { joinEntity, type ResourceCache, type StoredType } from "@sensu-ts/store";
import type { Access } from "../access/access.ts";
import { basicIdentity } from "../access/identity.ts";
import { review } from "../access/review.ts";
import { onRightsChange } from "../access/sources.ts";
import type { UiAccess, UiEntities, UiSessions } from "./ports.ts";
import type { AgentSessionRow } from "./wire.ts";

/** `issuer` is the page's address; it goes into the tokens of one-time links (S-226). */
export function accessPort(
  access: Access,
  issuer: string,
  cache: ResourceCache,
  namespaces: () => readonly string[],
): UiAccess {
  const { authorizer } = access;
  return {
    onChange: (changed) => onRightsChange(cache, changed),
    authenticate: (authorization) => access.authenticateHeader(authorization),
    allowed: (identity, question) => authorizer.allows(identity, question),
    authorize: (identity, question) => authorizer.authorize(identity, question),
    review: (identity, question) => review({ authorizer, namespaces }, identity, question),
    loggedInHere: (identity) => access.tokens.issuedHere(identity),
    async issueTokens(username) {
      const current = access.currentIdentity(username);
      if (!current) throw new SensuError("unauthenticated", "this user is gone or disabled");
      return access.tokens.login(basicIdentity(username, current.groups), issuer);
    },
  };
}

export interface EntityTypes {
  readonly config: StoredType<EntityConfig>;
  readonly state: StoredType<EntityState>;
}

/** `cache` holds both types. */
export function entitiesPort(cache: ResourceCache, types: EntityTypes): UiEntities {
  const { config, state } = types;
  const join = (found: EntityConfig) =>
    joinEntity(found, cache.get(state, found.metadata?.namespace ?? "", found.metadata?.name ?? ""));
  return {
    list: (namespace) => cache.list(config, namespace).map(join),
    get(namespace, name) {
      const found = cache.get(config, namespace, name);
      return found && join(found);
    },
    onChange: (changed) =>
      // States change with every keepalive; the events themselves tell of those.
      cache.onChange(({ type, id }) => {
        if (type.storePrefix === config.storePrefix) changed(id.namespace);
      }),
  };
}

/** A connection of an agent, as the agents' listener knows it. */
export interface LiveSession {
  readonly agent: string;
  readonly namespace: string;
  readonly user: string;
  readonly method: "certificate" | "password";
  readonly address: string;
  readonly tlsVersion: string;
  /** Milliseconds. */
  readonly connectedSince: number;
  readonly certificate: { readonly subject: string; readonly serial: string; readonly notAfter: number } | undefined;
}

export interface LiveSessions {
  readonly backend: string;
  readonly namespaces: () => readonly string[];
  readonly of: (namespace: string) => readonly LiveSession[];
}

export function sessionsPort({ backend, namespaces, of }: LiveSessions): UiSessions {
  const row = (session: LiveSession): AgentSessionRow => ({
    namespace: session.namespace,
    entity: session.agent,
    user: session.user,
    method: session.method,
    subject: session.certificate?.subject ?? "",
    serial: session.certificate?.serial ?? "",
    not_after: Math.floor((session.certificate?.notAfter ?? 0) / 1000),
    tls_version: session.tlsVersion,
    address: session.address,
    connected_since: Math.floor(session.connectedSince / 1000),
    backend,
  });
  const order = (a: AgentSessionRow, b: AgentSessionRow) =>
    a.namespace < b.namespace || (a.namespace === b.namespace && a.entity < b.entity) ? -1 : 1;
  return {
    list: (namespace) => (namespace === "" ? namespaces() : [namespace]).flatMap((one) => of(one).map(row)).sort(order),
  };
}
