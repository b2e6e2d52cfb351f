import { Link } from "@tanstack/react-router";
import { Facts, Pairs } from "../../components/Facts.tsx";
import { Time } from "../../components/Time.tsx";
import type { CheckResult, Event } from "../../data/objects.ts";
import { absolute, duration } from "../../data/time.ts";
import { Hooks } from "./Hooks.tsx";

function list(items: readonly string[] | null | undefined): string {
  return (items ?? []).join(", ");
}

export function EventFacts({ event, result }: { event: Event; result: CheckResult }) {
  const { entity } = event;
  const namespace = entity?.metadata.namespace ?? "";
  const system = entity?.system;
  return (
    <aside className="side">
      <section className="card">
        <h2>Result</h2>
        <Facts
          facts={[
            ["Exit status", String(result.status)],
            ["Silenced by", list(result.silenced)],
            ["Last OK", <Time key="ok" at={result.last_ok} />],
            ["Occurrences", result.occurrences],
            ["Max occurrences", result.occurrences_watermark],
            ["State change", `${result.total_state_change} %`],
            ["Issued", result.issued > 0 ? absolute(result.issued) : "n/a"],
            ["Ran", result.executed > 0 ? absolute(result.executed) : "n/a"],
            ["Took", result.duration !== undefined && duration(result.duration)],
          ]}
        />
      </section>
      <section className="card">
        <h2>Check</h2>
        <Facts
          facts={[
            ["Command", result.command && <code key="command">{result.command}</code>],
            ["Schedule", result.cron ? result.cron : result.interval ? `every ${duration(result.interval)}` : ""],
            ["Subscriptions", list(result.subscriptions)],
            ["Handlers", list(result.handlers)],
            ["Pipelines", list(result.pipelines?.map((pipeline) => pipeline.name))],
            ["Timeout", result.timeout ? `${result.timeout}s` : ""],
            ["TTL", result.ttl ? `${result.ttl}s` : ""],
            ["Round robin", result.round_robin && "yes"],
            ["Proxy entity", result.proxy_entity_name],
            ["Labels", <Pairs key="labels" pairs={result.metadata.labels} />],
            ["Annotations", <Pairs key="annotations" pairs={result.metadata.annotations} />],
          ]}
        />
        <Hooks hooks={result.hooks ?? []} />
      </section>
      {entity && (
        <section className="card">
          <h2>Entity</h2>
          <Facts
            facts={[
              [
                "Name",
                <Link
                  key="name"
                  to="/n/$namespace/entities/$name"
                  params={{ namespace, name: entity.metadata.name ?? "" }}
                >
                  {entity.metadata.name}
                </Link>,
              ],
              ["Class", entity.entity_class],
              ["Last seen", entity.last_seen > 0 && <Time key="seen" at={entity.last_seen} />],
              ["Host", system?.hostname],
              ["Platform", [system?.platform, system?.platform_version, system?.arch].filter(Boolean).join(" ")],
              ["Subscriptions", list(entity.subscriptions)],
              ["Labels", <Pairs key="labels" pairs={entity.metadata.labels} />],
            ]}
          />
        </section>
      )}
    </aside>
  );
}
