import { group, leaf } from "../frame/command.ts";
import { apiKeyNoun } from "./nouns.ts";
import { deleteCommand, infoCommand, listCommand, pathOf } from "./resource.ts";

const grant = leaf({
  name: "grant",
  summary: "make an API key for a user",
  usage: "[USERNAME]",
  args: [1, 1],
  async run(session) {
    const body = { metadata: {}, username: session.args[0] ?? "" };
    const { headers } = await (await session.client()).post(pathOf(apiKeyNoun, ""), body);
    session.say(`Created: ${headers.location ?? ""}`);
  },
});

export default group("api-key", "Manage API keys", [
  listCommand(apiKeyNoun),
  infoCommand(apiKeyNoun, { usage: "[KEY]" }),
  deleteCommand(apiKeyNoun, { name: "revoke", usage: "[KEY]" }),
  grant,
]);
