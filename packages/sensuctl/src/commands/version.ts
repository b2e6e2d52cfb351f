import { leaf } from "../frame/command.ts";
import { versionLine } from "../version.ts";

export default leaf({
  name: "version",
  summary: "Print the version",
  needs: "nothing",
  args: [0, Number.POSITIVE_INFINITY],
  async run(session) {
    session.say(versionLine());
  },
});
