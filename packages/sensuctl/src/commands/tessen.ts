import { fromTree, type JsonObject, TessenConfig } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { FORMAT, SKIP_CONFIRM } from "../frame/flags.ts";
import { chosenFormat, printOne } from "../print/output.ts";
import { yes } from "./ask.ts";
import { tessenNoun } from "./nouns.ts";
import { pathOf } from "./resource.ts";

const path = pathOf(tessenNoun, "");

const info = leaf({
  name: "info",
  summary: "show the telemetry setting",
  flags: [FORMAT],
  async run(session, flags) {
    const config = fromTree(TessenConfig, (await (await session.client()).get(path)) as JsonObject);
    printOne(session, chosenFormat(session, flags.format), tessenNoun.type, tessenNoun.layout, config);
  },
});

const optIn = leaf({
  name: "opt-in",
  summary: "allow telemetry; this backend sends none either way",
  async run(session) {
    await (await session.client()).put(path, { opt_out: false });
    session.say("You are opted in to telemetry.");
  },
});

const optOut = leaf({
  name: "opt-out",
  summary: "forbid telemetry",
  flags: [SKIP_CONFIRM],
  async run(session, flags) {
    if (!flags["skip-confirm"] && !(await yes(session, "Are you sure you would like to opt out of telemetry?"))) return;
    await (await session.client()).put(path, { opt_out: true });
    session.say("You are opted out of telemetry.");
  },
});

export default group("tessen", "Manage the telemetry setting", [info, optIn, optOut]);
