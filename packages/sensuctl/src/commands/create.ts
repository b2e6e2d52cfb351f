import { CheckConfig } from "@sensu-ts/core";
import { leaf } from "../frame/command.ts";
import { many, toggle } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { type FileResource, managed, putAll, withNamespace } from "../input/apply.ts";
import { readStdin } from "../input/local.ts";
import { parseText } from "../input/parse.ts";
import { readSources, type Source } from "../input/sources.ts";

const FILLED_INTERVAL = 60;

/** C-139: documents show checks that no backend accepts; the interval they lack is filled in and said. */
function withInterval(session: Session, resource: FileResource, i: number): FileResource {
  if (resource.type.name !== CheckConfig.name || resource.type.apiVersion !== "core/v2") return resource;
  const check = resource.value as CheckConfig;
  if (!check.publish || check.subscriptions.length === 0 || check.interval !== 0 || check.cron !== "") return resource;
  const name = JSON.stringify(check.metadata.name);
  session.warn(
    `resource ${i}: warning: check ${name} has neither interval nor cron, interval ${FILLED_INTERVAL} was filled in`,
  );
  return { ...resource, value: { ...check, interval: FILLED_INTERVAL } };
}

/** C-99 to C-109: everything is read and parsed before anything is sent. */
export default leaf({
  name: "create",
  summary: "Create or replace resources from files, URLs or standard input",
  usage: "[-r] [[-f URL] ... ]",
  args: [0, 1],
  flags: [
    many("file", "files, directories or URLs to read", "f"),
    toggle("recursive", "also read directories in directories", { short: "r" }),
  ],
  async run(session, flags) {
    const sources: Source[] = [];
    if (flags.file.length === 0) sources.push({ input: "stdin", place: "stdin", text: await readStdin() });
    for (const input of flags.file) sources.push(...(await readSources(input, flags.recursive)));
    const resources: FileResource[] = [];
    for (const source of sources) resources.push(...parseText(session, source));
    const ready = resources
      .map((resource, i) => withInterval(session, resource, i))
      .map((resource) => managed(withNamespace(resource, session.namespace)));
    if (ready.length > 0) await putAll(session, ready);
  },
});
