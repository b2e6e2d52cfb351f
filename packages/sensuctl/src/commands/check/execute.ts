import { currentUser } from "@sensu-ts/client";
import { AdhocRequest, ObjectMeta, toTree } from "@sensu-ts/core";
import { leaf } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { INTERACTIVE, splitList, text } from "../../frame/flags.ts";
import { askText } from "../ask.ts";
import { checkNoun } from "../nouns.ts";
import { pathOf } from "../resource.ts";

/** C-76. */
export const execute = leaf({
  name: "execute",
  summary: "run a check now",
  usage: "[NAME]",
  args: [0, 1],
  flags: [
    text("reason", "why the check is run", { short: "r" }),
    text("subscriptions", "comma separated list of subscriptions instead of the check's", { short: "s" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { reason, subscriptions } = flags;
    if (flags.interactive) {
      name = await askText("Check Name:", { default: name, required: true });
      reason = await askText("Reason:");
      subscriptions = await askText("Subscriptions:");
    }
    if (name === "") throw new Failure("must provide name of a check");
    const request = AdhocRequest.create({
      metadata: ObjectMeta.create({ name }),
      creator: currentUser(session.tokens()?.access_token ?? ""),
      reason,
      subscriptions: splitList(subscriptions),
    });
    const path = `${pathOf(checkNoun, session.namespace, name)}/execute`;
    await (await session.client()).post(path, toTree(AdhocRequest, request));
    session.say("Issued");
  },
});
