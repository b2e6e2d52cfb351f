/** What the caller may do (S-306). An addition of ours: other backends cannot tell. */
import { ApiError } from "@sensu-ts/client";
import { CLUSTER_RESOURCES, type Json, type JsonObject, NAMESPACED_RESOURCES, VERBS } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure, Misuse } from "../frame/failure.ts";
import { FORMAT, text } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { chosenFormat, printPlain } from "../print/output.ts";
import { warnOfUnknown } from "./access.ts";
import { findType } from "./type-names.ts";

async function ask(session: Session, review: JsonObject): Promise<JsonObject> {
  try {
    const reply = await (await session.client()).post("/api/ui/v1/access-review", { reviews: [review] });
    const [answer] = JSON.parse(reply.text) as readonly JsonObject[];
    if (answer === undefined) throw new Failure("the backend answered nothing");
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      throw new Failure("this backend does not tell what you may do");
    }
    throw error;
  }
}

/** Rules name types in the plural, in lower case: other words for a type are understood. */
function resourceOf(session: Session, word: string): string {
  if (NAMESPACED_RESOURCES.has(word) || CLUSTER_RESOURCES.has(word)) return word;
  const known = findType(word)?.rbac;
  if (known === undefined) warnOfUnknown(session, [word]);
  return known ?? word;
}

function line(answer: JsonObject): string {
  const { allowed, binding, rule, reason } = answer;
  const because = (why: string) => (why === "" ? "" : `: ${why}`);
  if (!allowed) return `no${because(String(reason))}`;
  return `yes${because(isObject(binding) && isObject(rule) ? deciding(binding, rule) : "")}`;
}

function deciding(binding: JsonObject, rule: JsonObject): string {
  const list = (items: Json | undefined) => (Array.isArray(items) ? items.join(",") : "");
  const names = list(rule["resource_names"]);
  const where = binding["namespace"] === "" ? "" : ` in namespace ${binding["namespace"]}`;
  const what = `${list(rule["verbs"])} on ${list(rule["resources"])}${names === "" ? "" : ` named ${names}`}`;
  return `${binding["type"]} ${binding["name"]}${where} allows ${what}`;
}

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const canI = leaf({
  name: "can-i",
  summary: "tell whether you may do something, and what allows it",
  description: "tell whether you may do something, and what allows it; exits 0 for yes and 1 for no",
  usage: "VERB RESOURCE [NAME]",
  args: [2, 3],
  flags: [FORMAT, text("namespace", "namespace to do it in (empty: all of them)", { short: "n" })],
  async run(session, flags) {
    const [verb = "", word = "", name = ""] = session.args;
    if (!VERBS.some((known) => known === verb)) {
      throw new Misuse(`unknown verb ${JSON.stringify(verb)}: use get, list, create, update or delete`);
    }
    const namespace = session.given("namespace") ? flags.namespace : session.namespace;
    const answer = await ask(session, { verb, resource: resourceOf(session, word), namespace, name });
    printPlain(session, chosenFormat(session, flags.format), answer, answer, () => `${line(answer)}\n`);
    return answer["allowed"] === true ? 0 : 1;
  },
});

export default group("auth", "Ask about your rights", [canI]);
