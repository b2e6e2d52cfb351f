import { useQuery } from "@tanstack/react-query";
import { getJson } from "../../data/api.ts";
import type { EntitiesPage } from "../../data/wire.ts";
import { commonSubscriptions, splitNames } from "./new-check.ts";

/** Looked at for what agents subscribe to; the largest page there is. */
const AGENTS = 200;

/** What agents here subscribe to, to be taken with a press; says when nobody would run the check. */
export function Subscriptions(props: { namespace: string; text: string; onText: (text: string) => void }) {
  const { namespace, text, onText } = props;
  const query = new URLSearchParams({ namespace, q: "class:agent", limit: String(AGENTS) });
  const { data } = useQuery({
    queryKey: ["subscriptions", namespace],
    queryFn: ({ signal }) => getJson<EntitiesPage>(`/api/ui/v1/entities?${query}`, signal),
  });
  if (!data || data.rows.length === 0) return null;
  const chosen = splitNames(text);
  const offered = commonSubscriptions(data.rows).filter((name) => !chosen.includes(name));
  const known = new Set(data.rows.flatMap((row) => row.subscriptions));
  const nobody = chosen.length > 0 && data.matches <= AGENTS && !chosen.some((name) => known.has(name));
  return (
    <div className="suggestions">
      {nobody && <p className="notice">No agent subscribes to that yet: nobody would run the check.</p>}
      {offered.length > 0 && (
        <p className="hint">
          Agents here:{" "}
          {offered.map((name) => (
            <button key={name} type="button" className="chip" onClick={() => onText([...chosen, name].join(", "))}>
              {name}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
