import { memberPath } from "@sensu-ts/client";
import { ObjectMeta, Silenced, toTree } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { ALL_NAMESPACES, FORMAT, INTERACTIVE, LIST_FLAGS, SKIP_CONFIRM, text, toggle } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { chosenFormat, printOne } from "../print/output.ts";
import { askBoolean, askText, confirmed } from "./ask.ts";
import { parseBegin } from "./begin.ts";
import { silencedNoun } from "./nouns.ts";
import { signed64 } from "./number.ts";
import { fetchOne, list as listSilences, pathOf } from "./resource.ts";

const subscriptionFlag = (fallback = "") =>
  text("subscription", "subscription of the silence", { short: "s", default: fallback });
const checkFlag = (fallback = "") => text("check", "check of the silence", { short: "c", default: fallback });

/** `<subscription or *>:<check or *>` (C-88). */
const nameFrom = (subscription: string, check: string) => `${subscription || "*"}:${check || "*"}`;

const list = leaf({
  name: "list",
  summary: "list silences",
  flags: [...LIST_FLAGS, ALL_NAMESPACES, subscriptionFlag(), checkFlag()],
  async run(session, flags) {
    const { subscription, check } = flags;
    if (subscription !== "" && flags["all-namespaces"]) {
      throw new Failure("the subscription and all-namespaces flags are mutually exclusive");
    }
    const namespace = flags["all-namespaces"] ? "" : session.namespace;
    await listSilences(session, silencedNoun, flags, listPath(namespace, subscription, check));
  },
});

function listPath(namespace: string, subscription: string, check: string): string {
  if (subscription !== "" && check !== "") return pathOf(silencedNoun, namespace, nameFrom(subscription, check));
  if (subscription !== "") return memberPath("core/v2", namespace, "silenced", "subscriptions", subscription);
  if (check !== "") return memberPath("core/v2", namespace, "silenced", "checks", check);
  return pathOf(silencedNoun, namespace);
}

const info = leaf({
  name: "info",
  summary: "show one silence in detail",
  usage: "[NAME]",
  args: [0, 1],
  flags: [FORMAT, subscriptionFlag("*"), checkFlag("*")],
  async run(session, flags) {
    const name = session.args[0] ?? nameFrom(flags.subscription, flags.check);
    const silence = await fetchOne(session, silencedNoun, name);
    printOne(session, chosenFormat(session, flags.format), silencedNoun.type, silencedNoun.layout, silence);
  },
});

interface Terms {
  readonly begin: string;
  readonly expire: string;
  readonly expireOnResolve: boolean;
  readonly reason: string;
}

async function askTerms(current: Terms): Promise<Terms> {
  const begin = await askText("Begin time:", { default: "now" });
  const expire = await askText("Expiry in Seconds:", { default: current.expire });
  const expireOnResolve = await askBoolean("Expire on Resolve:", current.expireOnResolve);
  const reason = await askText("Reason:", { default: current.reason });
  return { begin, expire, expireOnResolve, reason };
}

function withTerms(silence: Silenced, terms: Terms): Silenced {
  return {
    ...silence,
    begin: parseBegin(terms.begin, Date.now()),
    expire: signed64(terms.expire),
    expire_on_resolve: terms.expireOnResolve,
    reason: terms.reason,
  };
}

const create = leaf({
  name: "create",
  summary: "create a silence",
  required: ["reason"],
  flags: [
    text("begin", "when it begins: now, RFC 3339, or e.g. 'Jan 02 2030 3:04PM UTC'", { short: "b", default: "0" }),
    checkFlag(),
    text("expire", "seconds after which it ends, -1 for never", { short: "e", default: "-1" }),
    toggle("expire-on-resolve", "end it when the event resolves", { short: "x" }),
    text("reason", "why it is made", { short: "r" }),
    subscriptionFlag(),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let { namespace } = session;
    let { subscription, check } = flags;
    let terms: Terms = { ...flags, expireOnResolve: flags["expire-on-resolve"] };
    if (flags.interactive) {
      namespace = await askText("Namespace:", { default: namespace, required: true });
      subscription = await askText("Subscription:", { default: subscription });
      check = await askText("Check:", { default: check });
      terms = await askTerms(terms);
    }
    if (subscription === "" && check === "") throw new Failure("must specify --check or --subscription");
    const silence = Silenced.create({ metadata: ObjectMeta.create({ namespace }), subscription, check });
    // The server names the silence and its creator (C-89), so it is not validated here.
    await (await session.client()).post(pathOf(silencedNoun, namespace), toTree(Silenced, withTerms(silence, terms)));
    session.say("Created");
  },
});

async function askName(session: Session, subscription = "", check = ""): Promise<string> {
  const [given] = session.args;
  if (given !== undefined) return given;
  if (subscription !== "" || check !== "") return nameFrom(subscription, check);
  return nameFrom(await askText("Subscription:"), await askText("Check:"));
}

const update = leaf({
  name: "update",
  summary: "change a silence, asking for each value",
  usage: "[NAME]",
  args: [0, 1],
  async run(session) {
    const name = await askName(session);
    const silence = await fetchOne(session, silencedNoun, name);
    const terms = await askTerms({
      begin: "now",
      expire: String(silence.expire),
      expireOnResolve: silence.expire_on_resolve,
      reason: silence.reason,
    });
    const tree = toTree(Silenced, withTerms(silence, terms));
    await (await session.client()).put(pathOf(silencedNoun, session.namespace, name), tree);
    session.say("Updated");
  },
});

const remove = leaf({
  name: "delete",
  summary: "delete one silence",
  usage: "[NAME]",
  args: [0, 1],
  flags: [SKIP_CONFIRM, subscriptionFlag(), checkFlag()],
  async run(session, flags) {
    const name = await askName(session, flags.subscription, flags.check);
    if (!flags["skip-confirm"] && !(await confirmed(session, "delete", silencedNoun.confirmed, name))) return;
    await (await session.client()).delete(pathOf(silencedNoun, session.namespace, name));
    session.say("Deleted");
  },
});

export default group("silenced", "Manage silences", [create, info, list, remove, update]);
