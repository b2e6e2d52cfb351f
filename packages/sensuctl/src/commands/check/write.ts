/** `check create` and `check update`. */
import { CheckConfig, ObjectMeta, parseCron } from "@sensu-ts/core";
import { leaf } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { INTERACTIVE, splitList, text, toggle } from "../../frame/flags.ts";
import { askChoice, askText, askTruth } from "../ask.ts";
import { checkNoun } from "../nouns.ts";
import { wholeOrZero } from "../number.ts";
import { createOne, fetchOne, putOne } from "../resource.ts";

const METRIC_FORMATS = [
  "none",
  "nagios_perfdata",
  "graphite_plaintext",
  "opentsdb_line",
  "influxdb_line",
  "prometheus_text",
];

function cronProblem(answer: string): true | string {
  try {
    if (answer !== "") parseCron(answer);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Asks in the order of the original (C-77), offering what the check has. */
async function ask(check: CheckConfig): Promise<CheckConfig> {
  const shown = (value: number | bigint) => (value === 0 ? "" : String(value));
  const list = (message: string, items: readonly string[], required = false) =>
    askText(message, { default: items.join(","), required }).then(splitList);
  const number = (message: string, value: number | bigint) =>
    askText(message, { default: shown(value) }).then(wholeOrZero);
  const command = await askText("Command:", { default: check.command, required: true });
  const interval = await number("Interval:", check.interval);
  const cron = await askText("Cron:", { default: check.cron, validate: cronProblem });
  const timeout = await number("Timeout:", check.timeout);
  const ttl = await number("TTL:", check.ttl);
  const subscriptions = await list("Subscriptions:", check.subscriptions, true);
  const handlers = await list("Handlers:", check.handlers);
  const runtime_assets = await list("Runtime Assets:", check.runtime_assets);
  const publish = await askTruth("Publish:", check.publish);
  const proxy_entity_name = await askText("Check Proxy Entity Name:", { default: check.proxy_entity_name });
  const stdin = await askTruth("Check STDIN:", check.stdin);
  const high_flap_threshold = await number("High Flap Threshold:", check.high_flap_threshold);
  const low_flap_threshold = await number("Low Flap Threshold:", check.low_flap_threshold);
  const format = await askChoice("Metric Format:", METRIC_FORMATS, check.output_metric_format || "none");
  const output_metric_handlers = await list("Metric Handlers:", check.output_metric_handlers);
  const round_robin = await askTruth("Round Robin:", check.round_robin);
  return {
    ...check,
    command,
    interval,
    cron,
    timeout,
    ttl,
    subscriptions,
    handlers,
    runtime_assets,
    publish,
    proxy_entity_name,
    stdin,
    high_flap_threshold,
    low_flap_threshold,
    output_metric_format: format === "none" ? "" : format,
    output_metric_handlers,
    round_robin,
  };
}

export const create = leaf({
  name: "create",
  summary: "create a check",
  usage: "[NAME]",
  args: [0, 1],
  required: ["command", "subscriptions"],
  flags: [
    text("command", "command to run", { short: "c" }),
    text("cron", "cron schedule on which the check runs"),
    text("handlers", "comma separated list of handlers for the check's events"),
    text("high-flap-threshold", "state change in percent from which the check counts as flapping"),
    text("interval", "seconds between two runs", { short: "i" }),
    text("low-flap-threshold", "state change in percent below which the check counts as stable again"),
    text("output-metric-format", "format of the metrics in the check's output"),
    text("output-metric-handlers", "comma separated list of handlers for the check's metrics"),
    text("proxy-entity-name", "entity that the check's events are about, instead of the agent's"),
    toggle("publish", "run the check on its schedule", { short: "p", default: true }),
    toggle("round-robin", "let the agents of a subscription take turns"),
    text("runtime-assets", "comma separated list of assets the check depends on", { short: "r" }),
    toggle("stdin", "give the event to the command on its standard input"),
    text("subscriptions", "comma separated list of subscriptions whose agents run the check", { short: "s" }),
    text("timeout", "seconds after which the command is killed", { short: "t" }),
    text("ttl", "seconds after which a missing result is itself an event"),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    let check = CheckConfig.create({
      command: flags.command,
      cron: flags.cron,
      handlers: splitList(flags.handlers),
      high_flap_threshold: wholeOrZero(flags["high-flap-threshold"]),
      interval: wholeOrZero(flags.interval),
      low_flap_threshold: wholeOrZero(flags["low-flap-threshold"]),
      output_metric_format: flags["output-metric-format"],
      output_metric_handlers: splitList(flags["output-metric-handlers"]),
      proxy_entity_name: flags["proxy-entity-name"],
      publish: flags.publish,
      round_robin: flags["round-robin"],
      runtime_assets: splitList(flags["runtime-assets"]),
      stdin: flags.stdin,
      subscriptions: splitList(flags.subscriptions),
      timeout: wholeOrZero(flags.timeout),
      ttl: wholeOrZero(flags.ttl),
    });
    if (flags.interactive) {
      name = await askText("Check Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      check = await ask(check);
    } else if (flags.interval !== "" && flags.cron !== "") {
      throw new Failure("cannot specify --interval and --cron at the same time");
    } else if (flags.interval === "" && flags.cron === "") {
      throw new Failure("must specify --interval or --cron");
    }
    await createOne(session, checkNoun, { ...check, metadata: ObjectMeta.create({ name, namespace }) });
  },
});

export const update = leaf({
  name: "update",
  summary: "change a check, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const check = await fetchOne(session, checkNoun, session.args[0] ?? "");
    await putOne(session, checkNoun, await ask(check));
    session.say("Updated");
  },
});
