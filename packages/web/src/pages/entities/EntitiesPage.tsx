import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { memo } from "react";
import { Choice, ListPage } from "../../components/ListPage.tsx";
import { listQuery, useListAddress } from "../../components/list-address.ts";
import { Pager } from "../../components/Pager.tsx";
import { RowLink } from "../../components/RowLink.tsx";
import { useRowCursor } from "../../components/row-cursor.ts";
import { SearchBox } from "../../components/SearchBox.tsx";
import { Status, statusName } from "../../components/Status.tsx";
import { SteadyRegion, useSteadyList } from "../../components/SteadyList.tsx";
import { Time } from "../../components/Time.tsx";
import { useLiveEntities } from "../../data/live.ts";
import { termOf, withTerm } from "../../data/search-text.ts";
import type { EntityRow } from "../../data/wire.ts";

const ORDERS = [
  ["name", "Name"],
  ["name_desc", "Name, from Z"],
  ["lastseen", "Last seen"],
  ["lastseen_desc", "Longest unseen"],
] as const;

const CLASSES = [
  ["", "All"],
  ["agent", "Agents"],
  ["proxy", "Proxies"],
] as const;

const NO_ROWS: readonly EntityRow[] = [];

function entityKey(row: EntityRow): string {
  return row.name;
}

export function EntitiesPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const address = useListAddress("", "name");
  const navigate = useNavigate();
  const { page, error, answers } = useLiveEntities(listQuery(namespace, address));
  const { offset, limit } = address;
  const list = useSteadyList({
    rows: page?.rows ?? NO_ROWS,
    keyOf: entityKey,
    question: answers,
    firstPage: offset === 0,
    limit,
  });
  const { rows } = list;
  const cursor = useRowCursor(
    rows.map((row) => row.name),
    (index) => {
      const row = rows[index];
      if (row) void navigate({ to: "/n/$namespace/entities/$name", params: { namespace, name: row.name } });
    },
  );
  return (
    <ListPage
      title="Entities"
      toolbar={
        <>
          <SearchBox
            value={address.q}
            onChange={(q) => address.set({ q })}
            label="Search entities"
            hint="Name, or class:agent subscription:NAME"
          />
          <Choice
            label="Class"
            value={termOf(address.q, "class") ?? ""}
            options={CLASSES}
            onChange={(value) => address.set({ q: withTerm(address.q, "class", value || undefined) })}
          />
          <Choice label="Sort" value={address.order} options={ORDERS} onChange={(order) => address.set({ order })} />
        </>
      }
      data={error ? undefined : page}
      error={error}
    >
      {({ matches }) => (
        <>
          {rows.length > 0 ? (
            <SteadyRegion list={list}>
              <EntityRows namespace={namespace} rows={rows} left={list.left} cursor={cursor} />
            </SteadyRegion>
          ) : (
            <NothingHere q={address.q} />
          )}
          <Pager address={address} shown={rows.length} matches={matches} />
        </>
      )}
    </ListPage>
  );
}

function NothingHere({ q }: { q: string }) {
  if (q === "") {
    return (
      <div className="empty">
        <h2>No entities yet</h2>
        <p>An entity appears here when an agent connects or an event names a new one.</p>
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>Nothing matches</h2>
      <p>{`No entity matches ${q}`}</p>
      <Link to="." search={{} as never}>
        Show all entities
      </Link>
    </div>
  );
}

interface Rows {
  readonly namespace: string;
  readonly rows: readonly EntityRow[];
  readonly left: ReadonlySet<string>;
  readonly cursor: string | undefined;
}

function EntityRows({ namespace, rows, left, cursor }: Rows) {
  return (
    <table className="rows entities">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Entity</th>
          <th scope="col">Class</th>
          <th scope="col">Platform</th>
          <th scope="col">Subscriptions</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.name} {...{ namespace, row }} left={left.has(row.name)} current={cursor === row.name} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly namespace: string;
  readonly row: EntityRow;
  readonly left: boolean;
  readonly current: boolean;
}

const Row = memo(function Row({ namespace, row, left, current }: RowProps) {
  const marked = current || undefined;
  return (
    <tr className={`${statusName(row.status)}${left ? " left" : ""}`} data-cursor={marked} aria-current={marked}>
      <td className="c-status">
        <Status status={row.status} />
        {row.incidents > 1 && <span className="faint times">×{row.incidents}</span>}
      </td>
      <td className="c-check">
        <RowLink className="row-link" path={["n", namespace, "entities", row.name]} title={row.name}>
          {row.name}
        </RowLink>
      </td>
      <td className="c-class">{row.entityClass}</td>
      <td className="c-platform">{[row.platform, row.arch].filter((part) => part !== "").join(" · ")}</td>
      <td className="c-output">{row.subscriptions.filter((name) => name !== `entity:${row.name}`).join(", ")}</td>
      <td className="c-run">
        <Time at={row.lastSeen} never="–" />
      </td>
    </tr>
  );
});
