/** Options of the original whose parts this version lacks (W-83): known everywhere, and named when they are given. */
import { defineOptions } from "@sensu-ts/core";

export const OPTIONS_WITHOUT_EFFECT = defineOptions([
  { name: "assets-burst-limit", type: "int", default: 100, help: "burst of asset downloads (no effect yet)" },
  {
    name: "assets-cleanup-interval",
    type: "int",
    default: 0,
    help: "seconds between removals of unused assets (no effect yet)",
  },
  {
    name: "assets-cleanup-max-age",
    type: "int",
    default: 172_800,
    help: "seconds after which an unused asset is removed (no effect yet)",
  },
  { name: "assets-rate-limit", type: "float", default: 1.39, help: "asset downloads a second (no effect yet)" },
  {
    name: "discover-processes",
    type: "bool",
    default: false,
    help: "list the processes of this host in the entity (without effect: it was withdrawn)",
  },
  {
    name: "socket-host",
    type: "string",
    default: "127.0.0.1",
    help: "address of the TCP and UDP event sockets (no effect yet)",
  },
  { name: "socket-port", type: "int", default: 3030, help: "port of the event sockets (no effect yet)" },
  {
    name: "statsd-event-handlers",
    type: "strings",
    default: [],
    help: "handlers of StatsD metrics, comma-separated; may be repeated (no effect yet)",
  },
  {
    name: "statsd-flush-interval",
    type: "int",
    default: 10,
    help: "seconds between events of StatsD metrics (no effect yet)",
  },
  {
    name: "statsd-metrics-host",
    type: "string",
    default: "127.0.0.1",
    help: "address of the StatsD listener (no effect yet)",
  },
  { name: "statsd-metrics-port", type: "int", default: 8125, help: "port of the StatsD listener (no effect yet)" },
]);
