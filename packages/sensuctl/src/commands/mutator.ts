import { Mutator, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { INTERACTIVE, splitList, text } from "../frame/flags.ts";
import { askChoice, askText } from "./ask.ts";
import { mutatorNoun } from "./nouns.ts";
import { wholeOrZero } from "./number.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

async function ask(mutator: Mutator): Promise<Mutator> {
  const type = await askChoice("Type:", ["pipe", "javascript"], mutator.type || "pipe");
  const command = await askText("Command:", { default: mutator.command, required: type === "pipe" });
  const code = await askText("Eval:", { default: mutator.eval });
  const timeout = await askText("Timeout:", { default: String(mutator.timeout) });
  const environment = await askText("Environment variables:", { default: mutator.env_vars.join(",") });
  const assets = await askText("Runtime Assets:", { default: mutator.runtime_assets.join(",") });
  return {
    ...mutator,
    type,
    command,
    eval: code,
    timeout: wholeOrZero(timeout),
    env_vars: splitList(environment),
    runtime_assets: splitList(assets),
  };
}

const create = leaf({
  name: "create",
  summary: "create a mutator",
  usage: "[NAME]",
  args: [0, 1],
  flags: [
    text("command", "command to run; for mutators of type pipe", { short: "c" }),
    text("env-vars", "comma separated list of key=value pairs for the command's environment"),
    text("eval", "JavaScript to run; for mutators of type javascript"),
    text("runtime-assets", "comma separated list of assets the mutator depends on", { short: "r" }),
    text("timeout", "seconds after which the mutator is given up", { short: "t" }),
    text("type", "pipe or javascript", { default: "pipe" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    // A command is needed only by the type that runs one (C-80).
    if (!flags.interactive && flags.type === "pipe" && !session.given("command")) {
      throw new Failure('required flag(s) "command" not set');
    }
    let [name = ""] = session.args;
    let { namespace } = session;
    let mutator = Mutator.create({
      type: flags.type,
      command: flags.command,
      eval: flags.eval,
      timeout: wholeOrZero(flags.timeout),
      env_vars: splitList(flags["env-vars"]),
      runtime_assets: splitList(flags["runtime-assets"]),
    });
    if (flags.interactive) {
      name = await askText("Mutator Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      mutator = await ask(mutator);
    }
    await createOne(session, mutatorNoun, { ...mutator, metadata: ObjectMeta.create({ name, namespace }) });
  },
});

const update = leaf({
  name: "update",
  summary: "change a mutator, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const mutator = await fetchOne(session, mutatorNoun, session.args[0] ?? "");
    await putOne(session, mutatorNoun, await ask(mutator));
    session.say("Updated");
  },
});

export default group("mutator", "Manage mutators", [...commonCommands(mutatorNoun), create, update]);
