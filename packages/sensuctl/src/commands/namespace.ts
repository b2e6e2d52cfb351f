import { Namespace } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { INTERACTIVE } from "../frame/flags.ts";
import { askText } from "./ask.ts";
import { namespaceNoun } from "./nouns.ts";
import { createOne, deleteCommand, listCommand } from "./resource.ts";

const create = leaf({
  name: "create",
  summary: "create a namespace",
  usage: "[NAME]",
  args: [0, 1],
  flags: [INTERACTIVE],
  async run(session, { interactive }) {
    let [name = ""] = session.args;
    if (interactive) name = await askText("Name:", { default: name, required: true });
    await createOne(session, namespaceNoun, Namespace.create({ name }));
  },
});

export default group("namespace", "Manage namespaces", [
  create,
  listCommand(namespaceNoun),
  deleteCommand(namespaceNoun),
]);
