/** Every certificate that matters here, by when it ends (U-327). */
import { useLocation, useNavigate } from "@tanstack/react-router";
import { Choice, ListPage } from "../../components/ListPage.tsx";
import { useCertificates } from "../../data/certificates.ts";
import { type Branch, commonName, dayOf, groupsOf, treeOf } from "../../data/expiry.ts";
import { nowSeconds } from "../../data/time.ts";
import type { CertificateRow } from "../../data/wire.ts";
import { Calendar } from "./Calendar.tsx";
import { Certificate, ROLES } from "./Certificate.tsx";

/** An agent that connects shows up within this (U-329). */
const REFRESH_SECONDS = 5;

const VIEWS = [
  ["", "By days left"],
  ["tree", "By authority"],
] as const;

type Filter = "role" | "issuer" | "namespace" | "month" | "view";

export function CertificatesPage() {
  const { rows: all, leftOut, error } = useCertificates(REFRESH_SECONDS);
  const search = useLocation({ select: (at) => at.search as Partial<Record<Filter, string>> });
  const navigate = useNavigate();
  const set = (change: Partial<Record<Filter, string | undefined>>): void =>
    void navigate({ to: ".", search: { ...search, ...change } as never, replace: true });
  const shown = (all ?? []).filter(
    (row) =>
      (!search.role || row.role === search.role) &&
      (!search.issuer || row.issuer === search.issuer) &&
      (!search.namespace || row.namespace === search.namespace),
  );
  const inMonth = shown.filter((row) => !search.month || dayOf(row).startsWith(search.month));
  return (
    <ListPage title="Certificates" data={all} error={error}>
      {(rows) => (
        <>
          {rows.length === 0 && (
            <div className="empty">
              <h2>No certificates to show</h2>
              <p>
                This backend serves plaintext and no agent has shown a certificate, or you may not see those that there
                are.
              </p>
            </div>
          )}
          {rows.length > 0 && (
            <>
              <Calendar
                rows={shown}
                now={nowSeconds()}
                month={search.month}
                onMonth={(month) => set({ month: month === search.month ? undefined : month })}
              />
              <div className="toolbar">
                <Narrow label="Role" value={search.role} onChange={(role) => set({ role })} options={rolesOf(rows)} />
                <Narrow
                  label="Issuer"
                  value={search.issuer}
                  onChange={(issuer) => set({ issuer })}
                  options={distinct(rows.map((row) => row.issuer)).map((issuer) => [issuer, commonName(issuer)])}
                />
                <Narrow
                  label="Namespace"
                  value={search.namespace}
                  onChange={(namespace) => set({ namespace })}
                  options={distinct(rows.map((row) => row.namespace)).map((name) => [name, name])}
                />
                <Choice
                  label="Show"
                  value={search.view ?? ""}
                  options={VIEWS}
                  onChange={(view) => set({ view: view || undefined })}
                />
              </div>
              {inMonth.length === 0 && <p className="faint">No certificate matches.</p>}
              {search.view === "tree" ? <Tree branches={treeOf(inMonth)} /> : <Groups rows={inMonth} />}
              {leftOut > 0 && <p className="faint">{leftOut} more that end later are not shown.</p>}
            </>
          )}
        </>
      )}
    </ListPage>
  );
}

function Groups({ rows }: { rows: readonly CertificateRow[] }) {
  return groupsOf(rows, nowSeconds()).map((group) => (
    <section key={group.title} className="certificate-group" aria-label={group.title}>
      <h2>
        {group.title} <span className="faint">({group.rows.length})</span>
      </h2>
      {group.rows.map((row) => (
        <Certificate key={keyOf(row)} row={row} />
      ))}
    </section>
  ));
}

function Tree({ branches }: { branches: readonly Branch[] }) {
  return (
    <ul className="certificate-tree">
      {branches.map((branch) => (
        <li key={branch.row ? keyOf(branch.row) : branch.name}>
          {branch.row ? (
            <Certificate row={branch.row} />
          ) : (
            <p className="faint">{branch.name === "" ? "Measured by checks" : `${branch.name} (not in a file here)`}</p>
          )}
          {branch.below.length > 0 && <Tree branches={branch.below} />}
        </li>
      ))}
    </ul>
  );
}

const keyOf = (row: CertificateRow): string =>
  [row.role, row.option, row.namespace, row.entity, row.file, row.address, row.sha256].join(" ");

const distinct = (values: readonly string[]): readonly string[] =>
  [...new Set(values)].filter((value) => value !== "").sort();

function rolesOf(rows: readonly CertificateRow[]): readonly (readonly [string, string])[] {
  return Object.entries(ROLES).filter(([role]) => rows.some((row) => row.role === role));
}

/** Not there when there is nothing to choose. */
function Narrow(props: {
  label: string;
  value: string | undefined;
  options: readonly (readonly [value: string, name: string])[];
  onChange: (value: string | undefined) => void;
}) {
  if (props.options.length < 2 && !props.value) return null;
  return (
    <Choice
      label={props.label}
      value={props.value ?? ""}
      options={[["", "All"], ...props.options]}
      onChange={(value) => props.onChange(value || undefined)}
    />
  );
}
