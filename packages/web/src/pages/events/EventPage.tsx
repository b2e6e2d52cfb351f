import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Loading, Refused } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { useKeys } from "../../components/keys.ts";
import { Status, statusName } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import type { EventName } from "../../data/actions.ts";
import { corePath } from "../../data/api.ts";
import { lastEventsSearch } from "../../data/last-list.ts";
import { useLiveEvent } from "../../data/live.ts";
import type { Event } from "../../data/objects.ts";
import { reasonsOf } from "../../data/reasons.ts";
import { duration } from "../../data/time.ts";
import { covers } from "../silences/covers.ts";
import { useSilences } from "../silences/use-silences.ts";
import { EventActions } from "./EventActions.tsx";
import { EventFacts } from "./EventFacts.tsx";
import { History } from "./History.tsx";
import { Metrics } from "./Metrics.tsx";
import { NextRun } from "./NextRun.tsx";
import { Output } from "./Output.tsx";
import { Path } from "./Path.tsx";
import { Reasons } from "./Reasons.tsx";

/** How many bytes of the output were not kept (P-66). */
const TRUNCATED_LABEL = "sensu.io/output_truncated_bytes";

export function EventPage() {
  const name = useParams({ strict: false }) as EventName;
  const { namespace, entity, check } = name;
  const query = new URLSearchParams({ namespace, entity, check });
  const { event, deleted, error, changes } = useLiveEvent<Event>(corePath(namespace, "events", entity, check), query);
  const silences = useSilences(namespace);
  const navigate = useNavigate();
  const list = { to: "/n/$namespace/events", params: { namespace }, search: lastEventsSearch(namespace) } as const;
  const back = (): void => void navigate(list);
  useKeys({ u: back, Escape: back });

  if (error?.status === 404) {
    return (
      <div className="empty">
        <h1>No such event</h1>
        <p>
          There is no event of <code>{check}</code> on <code>{entity}</code>, or you may not see it.
        </p>
        <Link {...list}>All events</Link>
      </div>
    );
  }
  if (error) return <Refused error={error} heading="h1" />;
  const result = event?.check;
  const silenced = silences && event ? silences.some((entry) => covers(entry, event)) : !!result?.silenced?.length;
  if (!event || !result) return <Loading />;
  return (
    <article className="event-page">
      <header className={`event-head ${statusName(result.status)}`}>
        <p className="crumbs">
          <Link {...list}>Events</Link>
          <Icon name="next" />
          <Link to="/n/$namespace/entities/$name" params={{ namespace, name: entity }}>
            {entity}
          </Link>
        </p>
        <div className="title-line">
          <h1>{check}</h1>
          <Status status={result.status} silenced={silenced} />
          {result.state === "flapping" && <span className="tag">flapping</span>}
        </div>
        <p className="faint">
          Ran on {entity} <Time at={result.executed} />
          {result.duration !== undefined && ` for ${duration(result.duration)}`}
          {result.status !== 0 && (
            <>
              {" · "}last OK <Time at={result.last_ok} />
              {result.occurrences > 1 && `, ${result.occurrences} results in a row`}
            </>
          )}
          <NextRun query={query.toString()} changes={changes} />
        </p>
        <EventActions name={name} event={event} result={result} onDeleted={back} />
      </header>
      {deleted && (
        <p className="notice" role="status">
          This event was deleted. It comes back with the check's next result.
        </p>
      )}
      <div className="event-columns">
        <div>
          <section className="card">
            <h2>Output</h2>
            <Reasons reasons={reasonsOf(event.metadata?.annotations)} />
            <Output
              text={result.output}
              nothing="The check wrote nothing."
              name={`${entity}-${check}`}
              cutBytes={Number(event.metadata?.labels?.[TRUNCATED_LABEL] ?? 0)}
            />
          </section>
          <Metrics event={event} result={result} changes={changes} />
          <section className="card">
            <h2>History</h2>
            <History results={result.history ?? []} />
          </section>
          <section className="card">
            <h2>Path the event took</h2>
            <Path query={query.toString()} changes={changes} />
          </section>
        </div>
        <EventFacts event={event} result={result} />
      </div>
    </article>
  );
}
