/** A19: the series of `/metrics` after one event of each kind. Those of asset fetches, etcd and GraphQL are not here. */
import { Api, startAgent, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const NAMESPACE = "/api/core/v2/namespaces/default";

/** Series, labels beside `quantile`, and how many at least: P-159. */
const SERIES: readonly (readonly [name: string, labels: string, least?: number])[] = [
  ["sensu_go_events_processed", 'status="success",type="check"', 4],
  ["sensu_go_events_processed", 'status="success",type="metrics"', 1],
  ["sensu_go_events_processed", 'status="error",type="unknown"', 0],
  ["sensu_go_event_metric_points_processed", "", 2],
  ["sensu_go_event_handlers_busy", "", 0],
  ["sensu_go_event_handler_duration_count", 'status="success",event_type="check"', 4],
  ["sensu_go_event_handler_duration_count", 'status="success",event_type="metrics"', 1],
  ["sensu_go_event_handler_duration_count", 'status="error",event_type="unknown"', 0],
  ["sensu_go_eventd_create_proxy_entity_duration_count", 'status="success"', 1],
  ["sensu_go_eventd_update_event_duration_count", 'status="success"', 4],
  ["sensu_go_eventd_bus_publish_duration_count", 'status="success",event_type="check"', 4],
  ["sensu_go_eventd_bus_publish_duration_count", 'status="success",event_type="metrics"', 1],
  ["sensu_go_eventd_switches_alive_duration_count", 'status="success"', 1],
  ["sensu_go_eventd_switches_bury_duration_count", 'status="success"', 1],
  ["sensu_go_store_event_bytes_count", 'type="check"', 3],
  ["sensu_go_store_event_bytes_count", 'type="check+metrics"', 1],
  ["sensu_go_agentd_event_bytes_count", 'type="check"', 1],
  ["sensu_go_agentd_event_bytes_count", 'type="metrics"', 0],
  ["sensu_go_keepalives", 'status="alive"', 1],
  ["sensu_go_keepalives", 'status="dead"', 0],
  ["sensu_go_interval_schedulers", 'namespace="default"', 1],
  ["sensu_go_pipelined_message_handler_duration_count", 'status="success",has_pipelines="0"', 1],
  ["sensu_go_pipelined_message_handler_duration_count", 'status="success",has_pipelines="1"', 2],
  [
    "sensu_go_pipeline_duration_count",
    'status="success",resource_ref="core/v2.LegacyPipeline(Name=legacy-pipeline)"',
    1,
  ],
  [
    "sensu_go_pipeline_filter_duration_count",
    'status="success",resource_ref="core/v2.EventFilter(Name=has_metrics)"',
    1,
  ],
  ["sensu_go_pipeline_mutator_duration_count", 'status="success",resource_ref="core/v2.Mutator(Name=json)"', 1],
  ["sensu_go_pipeline_handler_duration_count", 'status="success",resource_ref="core/v2.Handler(Name=dump)"', 1],
  ["sensu_go_pipeline_resolve_duration_count", 'status="success",pipeline_type="legacy"', 1],
  ["sensu_go_handler_requests_total", "", 1],
  ["sensu_go_handler_requests", 'status="0",type="core/v2.Handler"', 1],
  ["sensu_go_bus_messages_published", 'topic="sensu"', 5],
  ["sensu_go_bus_message_duration_count", 'topic="sensu"', 5],
  ["sensu_go_wizard_bus", 'topic="sensu:event"', 0],
  ["sensu_go_agent_sessions", 'namespace="default"', 1],
  ["sensu_go_websocket_upgrade_duration_count", "", 1],
];

test("every event is counted where the original counts it (P-159)", async () => {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: folder.path });
  await using _ = backend.program;
  const api = await new Api(backend).login();
  const put = (path: string, body: object) => api.put(`${NAMESPACE}/${path}`, body);
  const metadata = (name: string) => ({ name, namespace: "default" });
  await put("handlers/dump", { metadata: metadata("dump"), type: "pipe", command: "cat", filters: ["has_metrics"] });
  await put("checks/beat", {
    ...{ metadata: metadata("beat"), command: "true", interval: 1, publish: true, subscriptions: ["test"] },
  });
  const entity = { metadata: metadata("proxy-1"), entity_class: "proxy" };
  const points = [1, 2].map((value) => ({ name: "load", value, timestamp: 1, tags: [] }));
  const post = async (event: object) => {
    expect((await api.send("POST", `${NAMESPACE}/events`, { entity, ...event })).status).toBe(201);
  };
  await post({ check: { metadata: metadata("cpu"), interval: 10, ttl: 60, handlers: ["dump"] } });
  await post({ check: { metadata: metadata("cpu"), interval: 10, handlers: ["dump"] }, metrics: { points } });
  await post({ metrics: { points: [] } });
  await using _agent = startAgent(backend, { name: "web-1", stateDir: folder.path });
  await until("an event of the agent", () => api.get(`${NAMESPACE}/events/web-1/beat`));

  let text = "";
  await until("every series", async () => {
    text = String((await api.send("GET", "/metrics")).body);
    const missing = SERIES.filter(([name, labels, least = 0]) => !(reading(text, name, labels) >= least));
    if (missing.length > 0) throw new Error(missing.map(([name, labels]) => `${name}{${labels}}`).join("\n"));
    return true;
  });
  // A labelled series has no sample without labels.
  const labelled = SERIES.filter(([, labels]) => labels !== "").map(([name]) => name);
  expect(labelled.filter((name) => !Number.isNaN(reading(text, name, "")))).toEqual([]);
});

/** NaN: there is no such series. */
function reading(text: string, name: string, labels: string): number {
  const begin = labels === "" ? `${name} ` : `${name}{${labels}} `;
  const line = text.split("\n").find((line) => line.startsWith(begin));
  return line === undefined ? Number.NaN : Number(line.slice(begin.length));
}
