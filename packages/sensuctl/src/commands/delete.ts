import { leaf } from "../frame/command.ts";
import { text } from "../frame/flags.ts";
import { deleteAll, withNamespace } from "../input/apply.ts";
import { readInput } from "../input/local.ts";
import { parseText } from "../input/parse.ts";

/** C-110. */
export default leaf({
  name: "delete",
  summary: "Delete resources named in a file or on standard input",
  usage: "[-f FILE]",
  args: [0, 1],
  flags: [text("file", "file that names the resources", { short: "f" })],
  async run(session, { file }) {
    const source = { input: "", place: "", text: await readInput(file) };
    const resources = parseText(session, source).map((resource) => withNamespace(resource, session.namespace));
    await deleteAll(session, resources);
  },
});
