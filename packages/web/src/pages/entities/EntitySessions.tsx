import { useQuery } from "@tanstack/react-query";
import { Facts } from "../../components/Facts.tsx";
import { Time } from "../../components/Time.tsx";
import { type ApiError, getJson } from "../../data/api.ts";
import { absolute } from "../../data/time.ts";
import type { AgentSessionRow } from "../../data/wire.ts";

const REFRESH_MS = 10_000;

/** How the agent is connected (S-418); nothing for entities without a session here. */
export function EntitySessions({ namespace, name }: { namespace: string; name: string }) {
  const query = new URLSearchParams({ namespace, entity: name });
  const { data } = useQuery<readonly AgentSessionRow[], ApiError>({
    queryKey: ["sessions", namespace, name],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => getJson<readonly AgentSessionRow[]>(`/api/ui/v1/agent-sessions?${query}`, signal),
  });
  if (!data || data.length === 0) return null;
  return (
    <section className="card">
      <h2>{data.length === 1 ? "Session" : "Sessions"}</h2>
      {data.map((row) => (
        <Facts
          key={`${row.address} ${row.connected_since}`}
          facts={[
            ["Connected", <Time key="since" at={row.connected_since} />],
            ["From", row.address],
            ["To", row.backend],
            ["Protection", row.tls_version || "none: plaintext"],
            ["User", row.user],
            ["Shown", row.method],
            ["Subject", row.subject],
            ["Serial", row.serial],
            ["Valid until", row.not_after > 0 && absolute(row.not_after)],
          ]}
        />
      ))}
    </section>
  );
}
