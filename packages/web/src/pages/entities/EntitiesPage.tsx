import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Choice, ListPage } from "../../components/ListPage.tsx";
import { listQuery, useListAddress } from "../../components/list-address.ts";
import { Pager } from "../../components/Pager.tsx";
import { useRowCursor } from "../../components/row-cursor.ts";
import { SearchBox } from "../../components/SearchBox.tsx";
import { Status, statusName } from "../../components/Status.tsx";
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

export function EntitiesPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const address = useListAddress("", "name");
  const navigate = useNavigate();
  const { page, error } = useLiveEntities(listQuery(namespace, address));
  const rows = page?.rows ?? [];
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
            <EntityRows namespace={namespace} rows={rows} cursor={cursor} />
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

function EntityRows(props: { namespace: string; rows: readonly EntityRow[]; cursor: string | undefined }) {
  const { namespace } = props;
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
        {props.rows.map((row) => {
          const current = props.cursor === row.name || undefined;
          return (
            <tr key={row.name} className={statusName(row.status)} data-cursor={current} aria-current={current}>
              <td className="c-status">
                <Status status={row.status} />
                {row.incidents > 1 && <span className="faint times">×{row.incidents}</span>}
              </td>
              <td className="c-check">
                <Link
                  className="row-link"
                  to="/n/$namespace/entities/$name"
                  params={{ namespace, name: row.name }}
                  title={row.name}
                >
                  {row.name}
                </Link>
              </td>
              <td className="c-class">{row.entityClass}</td>
              <td className="c-platform">{[row.platform, row.arch].filter((part) => part !== "").join(" · ")}</td>
              <td className="c-output">
                {row.subscriptions.filter((name) => name !== `entity:${row.name}`).join(", ")}
              </td>
              <td className="c-run">
                <Time at={row.lastSeen} never="–" />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
