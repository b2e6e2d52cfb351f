import { HookConfig, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { INTERACTIVE, text, toggle } from "../frame/flags.ts";
import { askText } from "./ask.ts";
import { hookNoun } from "./nouns.ts";
import { wholeOrZero } from "./number.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

async function ask(hook: HookConfig): Promise<HookConfig> {
  const command = await askText("Command:", { default: hook.command, required: true });
  const timeout = await askText("Timeout:", { default: String(hook.timeout) });
  const stdin = await askText("Stdin:", {
    default: String(hook.stdin),
    validate: (answer) => /^(true|false)$/.test(answer) || "Please enter either true or false",
  });
  return { ...hook, command, timeout: wholeOrZero(timeout), stdin: stdin === "true" };
}

const create = leaf({
  name: "create",
  summary: "create a hook",
  usage: "[NAME]",
  args: [0, 1],
  required: ["command"],
  flags: [
    text("command", "command to run", { short: "c" }),
    toggle("stdin", "give the event to the command on its standard input", { short: "s" }),
    text("timeout", "seconds after which the command is killed", { short: "t", default: "60" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    let hook = HookConfig.create({
      command: flags.command,
      timeout: wholeOrZero(flags.timeout),
      stdin: flags.stdin,
    });
    if (flags.interactive) {
      name = await askText("Hook Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      hook = await ask(hook);
    }
    await createOne(session, hookNoun, { ...hook, metadata: ObjectMeta.create({ name, namespace }) });
  },
});

const update = leaf({
  name: "update",
  summary: "change a hook, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const hook = await fetchOne(session, hookNoun, session.args[0] ?? "");
    await putOne(session, hookNoun, await ask(hook));
    session.say("Updated");
  },
});

export default group("hook", "Manage hooks", [...commonCommands(hookNoun), create, update]);
