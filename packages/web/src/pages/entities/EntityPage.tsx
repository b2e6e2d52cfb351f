import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Loading, Refused } from "../../components/Empty.tsx";
import { Facts, Pairs } from "../../components/Facts.tsx";
import { Status, statusName } from "../../components/Status.tsx";
import { SteadyRegion, useSteadyList } from "../../components/SteadyList.tsx";
import { Time } from "../../components/Time.tsx";
import type { ApiError } from "../../data/api.ts";
import { corePath, getJson } from "../../data/api.ts";
import { useLiveEvents } from "../../data/live.ts";
import type { Entity } from "../../data/objects.ts";
import { useMissing } from "../../data/permissions.ts";
import type { EventsPage } from "../../data/wire.ts";
import { EventRows, eventKey } from "../events/EventRows.tsx";
import { NotFound } from "../NotFound.tsx";
import { SilenceDialog } from "../silences/SilenceDialog.tsx";
import { EntityCertificates } from "./EntityCertificates.tsx";
import { EntitySessions } from "./EntitySessions.tsx";

const MOST_EVENTS = 200;
const NO_ROWS: EventsPage["rows"] = [];

/** Critical before warning before unknown (U-94); -1 without events, undefined while they are not known. */
function worstOf(page: EventsPage | undefined): number | undefined {
  if (!page) return undefined;
  const statuses = page.rows.map((row) => row.status);
  return [2, 1].find((status) => statuses.includes(status)) ?? Math.max(-1, ...statuses);
}

export function EntityPage() {
  const { namespace, name } = useParams({ strict: false }) as { namespace: string; name: string };
  const [silencing, setSilencing] = useState(false);
  const missing = useMissing(namespace);
  const client = useQueryClient();
  const { data: entity, error } = useQuery<Entity, ApiError>({
    queryKey: ["entity", namespace, name],
    queryFn: ({ signal }) => getJson<Entity>(corePath(namespace, "entities", name), signal),
  });
  const search = new URLSearchParams({
    namespace,
    q: `entity:"${name}"`,
    order: "lastok",
    limit: String(MOST_EVENTS),
    offset: "0",
  });
  const events = useLiveEvents(search);
  const list = useSteadyList({
    rows: events.page?.rows ?? NO_ROWS,
    keyOf: eventKey,
    question: events.answers,
    firstPage: true,
    limit: MOST_EVENTS,
  });
  if (error?.status === 404) return <NotFound what={name} />;
  if (error) return <Refused error={error} heading="h1" />;
  if (!entity) return <Loading />;
  const worst = worstOf(events.page);
  const system = entity.system ?? {};
  return (
    <article className="event-page">
      <header className={`event-head ${worst === undefined ? "" : statusName(worst)}`}>
        <p className="crumbs">
          <Link to="/n/$namespace/entities" params={{ namespace }}>
            Entities
          </Link>
        </p>
        <div className="title-line">
          <h1>{name}</h1>
          {worst !== undefined && <Status status={worst} />}
        </div>
        <p className="faint">
          {entity.entity_class} entity
          {entity.last_seen > 0 && (
            <>
              {" · last seen "}
              <Time at={entity.last_seen} />
            </>
          )}
        </p>
        <div className="actions">
          <ActionButton
            icon="silence"
            label="Silence"
            missing={missing("create", "silenced")}
            onClick={() => setSilencing(true)}
          />
        </div>
      </header>
      <div className="event-columns">
        <div>
          <section className="card flush">
            <h2>Events</h2>
            {events.error && <p className="faint">{events.error.message}</p>}
            {list.rows.length > 0 && (
              <SteadyRegion list={list}>
                <EventRows namespace={namespace} rows={list.rows} left={list.left} />
              </SteadyRegion>
            )}
            {events.page?.rows.length === 0 && <p className="faint">No events of this entity.</p>}
            {events.page && events.page.matches > events.page.rows.length && (
              <p>
                <Link to="/n/$namespace/events" params={{ namespace }} search={{ q: `entity:${name}` } as never}>
                  All {events.page.matches} events
                </Link>
              </p>
            )}
          </section>
          <EntityCertificates namespace={namespace} name={name} />
        </div>
        <aside className="side">
          <EntitySessions namespace={namespace} name={name} />
          <section className="card">
            <h2>Properties</h2>
            <Facts
              facts={[
                ["Host", system.hostname],
                ["Platform", [system.platform, system.platform_version].filter(Boolean).join(" ")],
                ["System", [system.os, system.arch].filter(Boolean).join(" · ")],
                ["Agent", entity.sensu_agent_version],
                ["User", entity.user],
                ["Subscriptions", (entity.subscriptions ?? []).join(", ")],
                ["Deregister", entity.deregister && "yes"],
                ["Virtual machine", [system.vm_system, system.vm_role].filter(Boolean).join(" ")],
                ["Cloud", system.cloud_provider],
                ["Created by", entity.metadata.created_by],
                ["Labels", <Pairs key="labels" pairs={entity.metadata.labels} />],
                ["Annotations", <Pairs key="annotations" pairs={entity.metadata.annotations} />],
                ...(system.network?.interfaces ?? [])
                  .filter((adapter) => (adapter.addresses ?? []).length > 0)
                  .map((adapter) => [adapter.name ?? "network", (adapter.addresses ?? []).join(", ")] as const),
              ]}
            />
          </section>
        </aside>
      </div>
      {silencing && (
        <SilenceDialog
          namespace={namespace}
          targets={[{ label: `Every check on ${name}`, check: "", subscription: `entity:${name}` }]}
          onClose={() => setSilencing(false)}
          onDone={() => void client.invalidateQueries({ queryKey: ["silenced", namespace] })}
        />
      )}
    </article>
  );
}
