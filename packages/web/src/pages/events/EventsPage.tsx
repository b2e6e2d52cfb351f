import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { Choice, ListPage } from "../../components/ListPage.tsx";
import { type ListAddress, listQuery, useListAddress } from "../../components/list-address.ts";
import { Pager } from "../../components/Pager.tsx";
import { useRowCursor } from "../../components/row-cursor.ts";
import { SearchBox } from "../../components/SearchBox.tsx";
import { SteadyRegion, useSteadyList } from "../../components/SteadyList.tsx";
import { keepEventsSearch } from "../../data/last-list.ts";
import { useLiveEvents } from "../../data/live.ts";
import { termOf, withTerm } from "../../data/search-text.ts";
import type { EventsPage as EventsPageData, StatusCounts } from "../../data/wire.ts";
import { EventRows, eventKey } from "./EventRows.tsx";
import { FirstSteps } from "./FirstSteps.tsx";

/** U-131, U-412: a link without a query shows what is wrong now. */
export const DEFAULT_SEARCH = "status:incident";

const NO_ROWS: EventsPageData["rows"] = [];

const ORDERS = [
  ["lastok", "Last OK"],
  ["severity", "Severity"],
  ["newest", "Newest"],
  ["oldest", "Oldest"],
  ["name", "Entity, check"],
] as const;

const SILENCED = [
  ["", "Shown"],
  ["false", "Hidden"],
  ["true", "Only"],
] as const;

export function EventsPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const address = useListAddress(DEFAULT_SEARCH, "lastok");
  const search = useSearch({ strict: false }) as Record<string, string>;
  useEffect(() => keepEventsSearch(namespace, search), [namespace, search]);
  const navigate = useNavigate();
  const { page, error, answers } = useLiveEvents(listQuery(namespace, address));
  const { offset, limit } = address;
  const list = useSteadyList({
    rows: page?.rows ?? NO_ROWS,
    keyOf: eventKey,
    question: answers,
    firstPage: offset === 0,
    limit,
  });
  const { rows } = list;
  const keys = rows.map(eventKey);
  const cursor = useRowCursor(keys, (index) => {
    const row = rows[index];
    if (row)
      void navigate({
        to: "/n/$namespace/events/$entity/$check",
        params: { namespace, entity: row.entity, check: row.check },
      });
  });
  return (
    <ListPage
      title="Events"
      beside={<StatusChips address={address} counts={page?.counts} />}
      toolbar={
        <>
          <SearchBox
            value={address.q}
            onChange={(q) => address.set({ q })}
            label="Search events"
            hint="Name, or status:critical entity:NAME check:NAME silenced:true"
          />
          <Choice label="Sort" value={address.order} options={ORDERS} onChange={(order) => address.set({ order })} />
          <Choice
            label="Silenced"
            value={termOf(address.q, "silenced") ?? ""}
            options={SILENCED}
            onChange={(value) => address.set({ q: withTerm(address.q, "silenced", value || undefined) })}
          />
        </>
      }
      data={error ? undefined : page}
      error={error}
    >
      {({ counts, matches }) => (
        <>
          {rows.length > 0 ? (
            <SteadyRegion list={list}>
              <EventRows namespace={namespace} rows={rows} left={list.left} cursor={cursor} />
            </SteadyRegion>
          ) : (
            <NothingHere q={address.q} total={counts.total} />
          )}
          <Pager address={address} shown={rows.length} matches={matches} />
          {counts.total > 0 && <FirstSteps namespace={namespace} />}
        </>
      )}
    </ListPage>
  );
}

const CHIPS = [
  ["incident", "Incidents"],
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["unknown", "Unknown"],
  ["passing", "Passing"],
] as const;

const NUMBER = new Intl.NumberFormat("en");

/** Counters of the namespace; each is also the filter for its status. */
function StatusChips({ address, counts }: { address: ListAddress; counts: StatusCounts | undefined }) {
  const chosen = termOf(address.q, "status");
  const number = (name: (typeof CHIPS)[number][0]): string => {
    if (!counts) return "–";
    return NUMBER.format(name === "incident" ? counts.total - counts.passing : counts[name]);
  };
  return (
    <fieldset className="chips">
      <legend className="visually-hidden">Filter by status</legend>
      {CHIPS.map(([name, label]) => (
        <button
          key={name}
          type="button"
          className={`chip ${name}`}
          aria-pressed={chosen === name}
          onClick={() => address.set({ q: withTerm(address.q, "status", chosen === name ? undefined : name) })}
        >
          <b>{number(name)}</b> {label}
        </button>
      ))}
      <button
        type="button"
        className="chip all"
        aria-pressed={chosen === undefined}
        onClick={() => address.set({ q: withTerm(address.q, "status", undefined) })}
      >
        <b>{counts ? NUMBER.format(counts.total) : "–"}</b> All
      </button>
    </fieldset>
  );
}

function NothingHere({ q, total }: { q: string; total: number }) {
  if (total === 0) {
    return (
      <div className="empty">
        <h2>No events yet</h2>
        <p>Events appear here as soon as an agent runs a check of this namespace.</p>
        <Link to="../checks/new" from="/n/$namespace/events">
          Add a check
        </Link>
      </div>
    );
  }
  const healthy = q === DEFAULT_SEARCH;
  return (
    <div className="empty">
      <h2>{healthy ? "All is well" : "Nothing matches"}</h2>
      <p>{healthy ? "No check is failing in this namespace." : `No event matches ${q}`}</p>
      <Link to="." search={{ q: "" } as never}>
        Show all events
      </Link>
    </div>
  );
}
