import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ActionButton } from "../../components/ActionButton.tsx";
import { ListPage } from "../../components/ListPage.tsx";
import { useListAddress } from "../../components/list-address.ts";
import { Pager } from "../../components/Pager.tsx";
import { SearchBox } from "../../components/SearchBox.tsx";
import { Time } from "../../components/Time.tsx";
import { tell } from "../../components/Toasts.tsx";
import { clearSilence } from "../../data/actions.ts";
import type { ApiError } from "../../data/api.ts";
import { corePath, getJson } from "../../data/api.ts";
import type { Silenced } from "../../data/objects.ts";
import { useMissing } from "../../data/permissions.ts";
import { nowSeconds, useTicker } from "../../data/time.ts";

export function SilencesPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const missing = useMissing(namespace);
  const client = useQueryClient();
  useTicker();
  const { data, error } = useQuery<readonly Silenced[], ApiError>({
    queryKey: ["silenced", namespace],
    queryFn: ({ signal }) => getJson<readonly Silenced[]>(corePath(namespace, "silenced"), signal),
    refetchInterval: 30_000,
  });
  const address = useListAddress("", "name");
  const words = address.q.toLowerCase().split(/\s+/);
  const live = (data ?? []).filter((entry) => entry.expire_at === 0 || entry.expire_at > nowSeconds());
  const found = live.filter((entry) => {
    const text = `${entry.metadata.name} ${entry.creator ?? ""} ${entry.reason ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const shown = found.slice(address.offset, address.offset + address.limit);
  return (
    <ListPage
      title="Silences"
      toolbar={
        <SearchBox
          value={address.q}
          onChange={(q) => address.set({ q })}
          label="Search silences"
          hint="What, who or why"
        />
      }
      data={data}
      error={error}
    >
      {() => (
        <>
          {found.length === 0 && (
            <div className="empty">
              <h2>{live.length === 0 ? "Nothing is silenced" : "Nothing matches"}</h2>
              <p>Silence a check or an entity from its event.</p>
            </div>
          )}
          {shown.length > 0 && (
            <table className="rows silences">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Expiry</th>
                  <th scope="col">Reason</th>
                  <th scope="col">By</th>
                  <th scope="col">Clear</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((entry) => (
                  <tr key={entry.metadata.name}>
                    <td className="c-check">{entry.metadata.name}</td>
                    <td className="c-run">
                      <Expiry entry={entry} />
                    </td>
                    <td className="c-output">{entry.reason || <span className="faint">no reason given</span>}</td>
                    <td className="c-class">{entry.creator}</td>
                    <td className="c-action">
                      <ActionButton
                        icon="close"
                        label="Clear"
                        missing={missing("delete", "silenced")}
                        onClick={() =>
                          tell("Silence cleared", () => clearSilence(namespace, entry.metadata.name ?? "")).finally(
                            () => {
                              void client.invalidateQueries({ queryKey: ["silenced", namespace] });
                            },
                          )
                        }
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <Pager address={address} shown={shown.length} matches={found.length} />
        </>
      )}
    </ListPage>
  );
}

/** U-162; whole words, because on phones no column head stands above them. */
function Expiry({ entry }: { entry: Silenced }) {
  if (entry.begin > nowSeconds()) {
    return (
      <>
        takes effect <Time at={entry.begin} />
      </>
    );
  }
  if (entry.expire_at === 0) return entry.expire_on_resolve ? "expires when resolved" : "does not expire";
  return (
    <>
      expires <Time at={entry.expire_at} /> {entry.expire_on_resolve && "or when resolved"}
    </>
  );
}
