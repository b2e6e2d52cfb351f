/** `check set-hooks` and `check remove-hook`. */
import { escapeSegment } from "@sensu-ts/client";
import { leaf } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { INTERACTIVE, splitList, text } from "../../frame/flags.ts";
import { askText } from "../ask.ts";
import { checkNoun } from "../nouns.ts";
import { fetchOne, pathOf } from "../resource.ts";

const TYPE = /^([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5]|ok|warning|critical|unknown|non-zero)$/;

export const setHooks = leaf({
  name: "set-hooks",
  summary: "add hooks to a check",
  usage: "[NAME]",
  args: [1, 1],
  required: ["hooks", "type"],
  flags: [
    text("hooks", "comma separated list of hooks", { short: "k" }),
    text("type", "status that runs the hooks: a number, ok, warning, critical, unknown or non-zero", { short: "t" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { type, hooks } = flags;
    if (flags.interactive) {
      name = await askText("Check Name:", { default: name, required: true });
      type = await askText("Hook Type:", { default: type, required: true });
      hooks = await askText("Hooks:", { required: true });
    }
    if (!TYPE.test(type)) {
      throw new Failure('valid check hook types are "0"-"255", "ok", "warning", "critical", "unknown", and "non-zero"');
    }
    await fetchOne(session, checkNoun, name);
    const path = `${pathOf(checkNoun, session.namespace, name)}/hooks/${escapeSegment(type)}`;
    await (await session.client()).put(path, { [type]: splitList(hooks) });
    session.say("Added");
  },
});

export const removeHook = leaf({
  name: "remove-hook",
  summary: "remove a hook from a check",
  usage: "[NAME] [TYPE] [HOOK]",
  args: [3, 3],
  async run(session) {
    const [name = "", type = "", hook = ""] = session.args;
    await fetchOne(session, checkNoun, name);
    const path = pathOf(checkNoun, session.namespace, name);
    await (await session.client()).delete(`${path}/hooks/${escapeSegment(type)}/hook/${escapeSegment(hook)}`);
    session.say("Removed");
  },
});
