import { toTree } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { FORMAT, SKIP_CONFIRM } from "../frame/flags.ts";
import { chosenFormat, printOne } from "../print/output.ts";
import { confirmed } from "./ask.ts";
import { eventNoun } from "./nouns.ts";
import { fetchOne, listCommand, pathOf } from "./resource.ts";

const usage = "[ENTITY] [CHECK]";

const info = leaf({
  name: "info",
  summary: "show one event in detail",
  usage,
  args: [2, 2],
  flags: [FORMAT],
  async run(session, { format }) {
    const event = await fetchOne(session, eventNoun, ...session.args);
    printOne(session, chosenFormat(session, format), eventNoun.type, eventNoun.layout, event);
  },
});

const remove = leaf({
  name: "delete",
  summary: "delete one event",
  usage,
  args: [2, 2],
  flags: [SKIP_CONFIRM],
  async run(session, flags) {
    const name = session.args.join("/");
    if (!flags["skip-confirm"] && !(await confirmed(session, "delete", eventNoun.confirmed, name))) return;
    await (await session.client()).delete(pathOf(eventNoun, session.namespace, ...session.args));
    session.say("Deleted");
  },
});

/** C-78: the text is one that other programs look for. */
const resolve = leaf({
  name: "resolve",
  summary: "resolve one event by hand",
  usage,
  args: [2, 2],
  async run(session) {
    const event = await fetchOne(session, eventNoun, ...session.args);
    const now = Math.floor(Date.now() / 1000);
    const check = event.check && {
      ...event.check,
      status: 0,
      output: "Resolved manually by sensuctl",
      executed: now,
    };
    const tree = toTree(eventNoun.type.message, { ...event, timestamp: now, check });
    await (await session.client()).put(pathOf(eventNoun, session.namespace, ...session.args), tree);
    session.say("Resolved");
  },
});

export default group("event", "Manage events", [listCommand(eventNoun), info, remove, resolve]);
