import { EventFilter, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { INTERACTIVE, splitList, text } from "../frame/flags.ts";
import { askChoice, askText } from "./ask.ts";
import { filterNoun } from "./nouns.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

const ACTIONS = ["allow", "deny"];

/** The current values are offered (C-82). */
async function ask(filter: EventFilter): Promise<EventFilter> {
  const action = await askChoice("Action:", ACTIONS, filter.action);
  const expressions = await askText("Expressions (comma separated list):", {
    default: filter.expressions.join(","),
    required: true,
  });
  const assets = await askText("Runtime Assets:", { default: filter.runtime_assets.join(",") });
  return { ...filter, action, expressions: splitList(expressions), runtime_assets: splitList(assets) };
}

const create = leaf({
  name: "create",
  summary: "create a filter",
  usage: "[NAME]",
  args: [0, 1],
  required: ["action", "expressions"],
  flags: [
    text("action", "what happens to events that match, allow or deny", { short: "a" }),
    text("expressions", "comma separated list of expressions", { short: "s" }),
    text("runtime-assets", "comma separated list of assets the filter depends on", { short: "r" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    let filter = EventFilter.create({
      action: flags.action,
      expressions: splitList(flags.expressions),
      runtime_assets: splitList(flags["runtime-assets"]),
    });
    if (flags.interactive) {
      name = await askText("Filter Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      filter = await ask(filter);
    }
    await createOne(session, filterNoun, { ...filter, metadata: ObjectMeta.create({ name, namespace }) });
  },
});

const update = leaf({
  name: "update",
  summary: "change a filter, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const filter = await fetchOne(session, filterNoun, session.args[0] ?? "");
    await putOne(session, filterNoun, await ask(filter));
    session.say("Updated");
  },
});

export default group("filter", "Manage filters", [...commonCommands(filterNoun), create, update]);
