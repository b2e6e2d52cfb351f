/** The `set-*` and `remove-*` commands of checks: one row a field (C-74, C-75). */
import { type CheckConfig, fromTree, type JsonObject, ProxyRequests, parseJson } from "@sensu-ts/core";
import { type Leaf, leaf } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { splitList, text } from "../../frame/flags.ts";
import { readInput } from "../../input/local.ts";
import { checkNoun } from "../nouns.ts";
import { signed64, truth, unsigned32 } from "../number.ts";
import { fetchOne, putOne } from "../resource.ts";

type Change = Partial<CheckConfig>;

const SETTERS: Readonly<Record<string, (value: string) => Change>> = {
  command: (value) => ({ command: value }),
  cron: (value) => ({ cron: value, interval: 0 }),
  handlers: (value) => ({ handlers: splitList(value) }),
  "high-flap-threshold": (value) => ({ high_flap_threshold: unsigned32(value) }),
  interval: (value) => ({ interval: unsigned32(value), cron: "" }),
  "low-flap-threshold": (value) => ({ low_flap_threshold: unsigned32(value) }),
  "output-metric-format": (value) => ({ output_metric_format: value }),
  "output-metric-handlers": (value) => ({ output_metric_handlers: splitList(value) }),
  "proxy-entity-name": (value) => ({ proxy_entity_name: value }),
  publish: (value) => ({ publish: truth(value) }),
  "round-robin": (value) => ({ round_robin: truth(value) }),
  "runtime-assets": (value) => ({ runtime_assets: splitList(value) }),
  stdin: (value) => ({ stdin: truth(value) }),
  subscriptions: (value) => ({ subscriptions: splitList(value) }),
  timeout: (value) => ({ timeout: unsigned32(value) }),
  ttl: (value) => ({ ttl: signed64(value) }),
};

const REMOVERS: Readonly<Record<string, Change>> = {
  handlers: { handlers: [] },
  "high-flap-threshold": { high_flap_threshold: 0 },
  "low-flap-threshold": { low_flap_threshold: 0 },
  "output-metric-format": { output_metric_format: "" },
  "output-metric-handlers": { output_metric_handlers: [] },
  "proxy-entity-name": { proxy_entity_name: "" },
  "proxy-requests": { proxy_requests: undefined },
  "runtime-assets": { runtime_assets: [] },
  timeout: { timeout: 0 },
  ttl: { ttl: 0 },
};

const words = (field: string) => field.replaceAll("-", " ");

const setters: readonly Leaf[] = Object.entries(SETTERS).map(([field, change]) =>
  leaf({
    name: `set-${field}`,
    summary: `set the ${words(field)} of a check`,
    usage: "[NAME] [VALUE]",
    args: [2, 2],
    async run(session) {
      const [name = "", value = ""] = session.args;
      const check = await fetchOne(session, checkNoun, name);
      await putOne(session, checkNoun, { ...check, ...change(value) });
      session.say("Updated");
    },
  }),
);

const removers: readonly Leaf[] = Object.entries(REMOVERS).map(([field, change]) =>
  leaf({
    name: `remove-${field}`,
    summary: `remove the ${words(field)} of a check`,
    usage: "[NAME]",
    args: [1, 1],
    async run(session) {
      const check = await fetchOne(session, checkNoun, session.args[0] ?? "");
      await putOne(session, checkNoun, { ...check, ...change });
      session.say("Removed");
    },
  }),
);

const DEFAULT_SPLAY_COVERAGE = 90;

const setProxyRequests = leaf({
  name: "set-proxy-requests",
  summary: "set the proxy requests of a check from JSON in a file or on standard input",
  usage: "[NAME]",
  args: [1, 1],
  flags: [text("file", "file with the proxy requests", { short: "f" })],
  async run(session, { file }) {
    const check = await fetchOne(session, checkNoun, session.args[0] ?? "");
    const tree = parseJson(await readInput(file));
    if (typeof tree !== "object" || tree === null) throw new Failure("proxy requests must be a JSON object");
    const requests = fromTree(ProxyRequests, tree as JsonObject);
    const coverage = requests.splay_coverage || DEFAULT_SPLAY_COVERAGE;
    await putOne(session, checkNoun, { ...check, proxy_requests: { ...requests, splay_coverage: coverage } });
    session.say("Updated");
  },
});

export const fieldCommands: readonly Leaf[] = [...setters, ...removers, setProxyRequests];
