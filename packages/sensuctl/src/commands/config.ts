import { currentUser, readClaims } from "@sensu-ts/client";
import { formatDuration, parseDuration } from "@sensu-ts/core";
import { writeCluster, writeProfile } from "../config/files.ts";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { FORMAT } from "../frame/flags.ts";
import { renderInfo } from "../print/info.ts";
import { chosenFormat, printPlain } from "../print/output.ts";

const view = leaf({
  name: "view",
  summary: "show the active configuration",
  needs: "nothing",
  args: [0, Number.POSITIVE_INFINITY],
  flags: [FORMAT],
  async run(session, flags) {
    const { settings } = session;
    const token = session.tokens()?.access_token ?? "";
    const { exp } = readClaims(token);
    if (exp === undefined) throw new Failure("no active configuration found");
    const values = {
      "api-url": settings.apiUrl,
      format: settings.format,
      jwt_expires_at: String(exp),
      namespace: settings.namespace,
      timeout: formatDuration(settings.timeoutMs),
      username: currentUser(token),
    };
    printPlain(session, chosenFormat(session, flags.format), values, values, () =>
      renderInfo(
        {
          title: "Active Configuration",
          rows: [
            ["API URL", values["api-url"]],
            ["Namespace", values.namespace],
            ["Format", values.format],
            ["Timeout", values.timeout],
            ["Username", values.username],
            ["JWT Expiration Timestamp", values.jwt_expires_at],
          ],
        },
        session.paint,
      ),
    );
  },
});

const setFormat = leaf({
  name: "set-format",
  summary: "set the preferred output format",
  usage: "[FORMAT]",
  needs: "nothing",
  args: [1, 1],
  async run(session) {
    const { folder, files } = session.settings;
    writeProfile(folder, { ...files.profile, format: session.args[0] ?? "" });
    session.say("Updated");
  },
});

const setNamespace = leaf({
  name: "set-namespace",
  summary: "set the active namespace",
  usage: "[NAMESPACE]",
  needs: "nothing",
  args: [1, 1],
  async run(session) {
    const { folder, files } = session.settings;
    writeProfile(folder, { ...files.profile, namespace: session.args[0] ?? "" });
    session.say("Updated");
  },
});

const setTimeout = leaf({
  name: "set-timeout",
  summary: "set how long to wait for the backend",
  usage: "[TIMEOUT]",
  needs: "nothing",
  args: [1, 1],
  async run(session) {
    const [text = ""] = session.args;
    const timeoutMs = parseDuration(text);
    if (timeoutMs === undefined) {
      const reason = `time: ${/^[-+]?\d+(\.\d+)?$/.test(text) ? "missing unit in" : "invalid"} duration ${JSON.stringify(text)}`;
      session.warn(`Unable to parse new timeout with error: ${reason}`);
      throw new Failure(reason);
    }
    const { folder, files } = session.settings;
    writeCluster(folder, { ...files.cluster, timeoutMs });
    session.say("Updated");
  },
});

export default group("config", "Show and change the configuration", [view, setFormat, setNamespace, setTimeout]);
