import { Handler, HandlerSocket, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { INTERACTIVE, splitList, text } from "../frame/flags.ts";
import { askChoice, askText } from "./ask.ts";
import { handlerNoun } from "./nouns.ts";
import { wholeOrZero } from "./number.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

const TYPES = ["pipe", "tcp", "udp", "set"];

async function ask(handler: Handler): Promise<Handler> {
  const environment = await askText("Environment variables:", { default: handler.env_vars.join(",") });
  const filters = await askText("Filters:", { default: handler.filters.join(",") });
  const mutator = await askText("Mutator:", { default: handler.mutator });
  const timeout = await askText("Timeout:", { default: String(handler.timeout) });
  const type = await askChoice("Type:", TYPES, handler.type);
  const assets = await askText("Runtime Assets:", { default: handler.runtime_assets.join(",") });
  const asked = {
    ...handler,
    type,
    mutator,
    env_vars: splitList(environment),
    filters: splitList(filters),
    timeout: wholeOrZero(timeout),
    runtime_assets: splitList(assets),
  };
  if (type === "pipe") {
    return { ...asked, command: await askText("Command:", { default: handler.command, required: true }) };
  }
  if (type === "set") {
    const handlers = await askText("Handlers:", { default: handler.handlers.join(","), required: true });
    return { ...asked, handlers: splitList(handlers) };
  }
  const host = await askText("Socket Host:", { default: handler.socket?.host ?? "", required: true });
  const port = await askText("Socket Port:", { default: String(handler.socket?.port ?? ""), required: true });
  return { ...asked, socket: HandlerSocket.create({ host, port: wholeOrZero(port) }) };
}

const create = leaf({
  name: "create",
  summary: "create a handler",
  usage: "[NAME]",
  args: [0, 1],
  flags: [
    text("command", "command to run; for handlers of type pipe"),
    text("env-vars", "comma separated list of key=value pairs for the command's environment"),
    text("filters", "comma separated list of filters"),
    text("handlers", "comma separated list of handlers to call; for handlers of type set"),
    text("mutator", "name of the mutator", { short: "m" }),
    text("runtime-assets", "comma separated list of assets the handler depends on", { short: "r" }),
    text("socket-host", "host to send to; for handlers of type tcp and udp"),
    text("socket-port", "port to send to; for handlers of type tcp and udp"),
    text("timeout", "seconds after which the handler is given up", { short: "i" }),
    text("type", "pipe, tcp, udp or set", { short: "t", default: "pipe" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    const port = wholeOrZero(flags["socket-port"]);
    const host = flags["socket-host"];
    let handler = Handler.create({
      type: flags.type,
      command: flags.command,
      mutator: flags.mutator,
      timeout: wholeOrZero(flags.timeout),
      env_vars: splitList(flags["env-vars"]),
      filters: splitList(flags.filters),
      handlers: splitList(flags.handlers),
      runtime_assets: splitList(flags["runtime-assets"]),
      ...(host === "" && port === 0 ? {} : { socket: HandlerSocket.create({ host, port }) }),
    });
    if (flags.interactive) {
      name = await askText("Handler Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      handler = await ask(handler);
    }
    await createOne(session, handlerNoun, { ...handler, metadata: ObjectMeta.create({ name, namespace }) });
  },
});

const update = leaf({
  name: "update",
  summary: "change a handler, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const handler = await fetchOne(session, handlerNoun, session.args[0] ?? "");
    await putOne(session, handlerNoun, await ask(handler));
    session.say("Updated");
  },
});

export default group("handler", "Manage handlers", [...commonCommands(handlerNoun), create, update]);
