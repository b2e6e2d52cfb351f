import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ActionButton } from "../../components/ActionButton.tsx";
import { ListPage } from "../../components/ListPage.tsx";
import { useListAddress } from "../../components/list-address.ts";
import { Pager } from "../../components/Pager.tsx";
import { SearchBox } from "../../components/SearchBox.tsx";
import { tell } from "../../components/Toasts.tsx";
import { executeCheck } from "../../data/actions.ts";
import type { ApiError } from "../../data/api.ts";
import { corePath, getJson } from "../../data/api.ts";
import type { CheckConfig } from "../../data/objects.ts";
import { useMissing } from "../../data/permissions.ts";
import { duration } from "../../data/time.ts";

function schedule(check: CheckConfig): string {
  if (!check.publish) return "not scheduled";
  return check.cron ? check.cron : `every ${duration(check.interval ?? 0)}`;
}

export function ChecksPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const address = useListAddress("", "name");
  const navigate = useNavigate();
  const missing = useMissing(namespace);
  const { data, error } = useQuery<readonly CheckConfig[], ApiError>({
    queryKey: ["checks", namespace],
    queryFn: ({ signal }) => getJson<readonly CheckConfig[]>(corePath(namespace, "checks"), signal),
  });
  const words = address.q.toLowerCase().split(/\s+/);
  const found = (data ?? []).filter((check) =>
    words.every((word) => `${check.metadata.name} ${check.command}`.toLowerCase().includes(word)),
  );
  const shown = found.slice(address.offset, address.offset + address.limit);
  return (
    <ListPage
      title="Checks"
      beside={
        <>
          <span className="grow" />
          <ActionButton
            icon="plus"
            label="Add a check"
            missing={missing("create", "checks")}
            onClick={() => void navigate({ to: "/n/$namespace/checks/new", params: { namespace } })}
          />
        </>
      }
      toolbar={
        <SearchBox
          value={address.q}
          onChange={(q) => address.set({ q })}
          label="Search checks"
          hint="Name or command"
        />
      }
      data={data}
      error={error}
    >
      {(all) => (
        <>
          {found.length === 0 && (
            <div className="empty">
              <h2>{all.length === 0 ? "No checks yet" : "Nothing matches"}</h2>
              <p>A check is a command that agents run on a schedule.</p>
            </div>
          )}
          {shown.length > 0 && <CheckRows namespace={namespace} checks={shown} />}
          <Pager address={address} shown={shown.length} matches={found.length} />
        </>
      )}
    </ListPage>
  );
}

function CheckRows({ namespace, checks }: { namespace: string; checks: readonly CheckConfig[] }) {
  const missing = useMissing(namespace);
  return (
    <table className="rows checks">
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Schedule</th>
          <th scope="col">Command</th>
          <th scope="col">Subscriptions</th>
          <th scope="col">Run</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => {
          const name = check.metadata.name ?? "";
          return (
            <tr key={name}>
              <td className="c-check">
                <Link
                  className="row-link"
                  to="/n/$namespace/events"
                  params={{ namespace }}
                  search={{ q: `check:${name}` } as never}
                  title={`Events of ${name}`}
                >
                  {name}
                </Link>
              </td>
              <td className="c-run">{schedule(check)}</td>
              <td className="c-output">
                <code>{check.command}</code>
              </td>
              <td className="c-subs">{(check.subscriptions ?? []).join(", ")}</td>
              <td className="c-action">
                <ActionButton
                  icon="run"
                  label="Run now"
                  missing={missing("create", "checks")}
                  onClick={() => tell(`Asked for a run of ${name}`, () => executeCheck(namespace, name, []))}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
