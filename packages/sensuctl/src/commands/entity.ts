import { Entity, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Misuse } from "../frame/failure.ts";
import { INTERACTIVE, splitList, text } from "../frame/flags.ts";
import { askText } from "./ask.ts";
import { entityNoun } from "./nouns.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

const create = leaf({
  name: "create",
  summary: "create an entity",
  usage: "[NAME]",
  args: [0, 1],
  required: ["entity-class"],
  flags: [
    text("entity-class", "class of the entity, either proxy or agent", { short: "c" }),
    text("subscriptions", "comma separated list of subscriptions", { short: "s" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    let kind = flags["entity-class"];
    let { subscriptions } = flags;
    if (flags.interactive) {
      name = await askText("Entity Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      kind = await askText("Entity Class:", { default: "proxy", required: true });
      subscriptions = await askText("Subscriptions:");
    }
    const entity = Entity.create({
      metadata: ObjectMeta.create({ name, namespace }),
      entity_class: kind,
      subscriptions: splitList(subscriptions),
    });
    await createOne(session, entityNoun, flags.interactive ? entity : validOrMisuse(entity));
  },
});

/** What the flags say is refused with the help (C-3). */
function validOrMisuse(entity: Entity): Entity {
  try {
    return entityNoun.type.validate(entity);
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error));
  }
}

const update = leaf({
  name: "update",
  summary: "change an entity, asking for each value",
  usage: "[ID]",
  args: [1, 1],
  async run(session) {
    const entity = await fetchOne(session, entityNoun, session.args[0] ?? "");
    const kind = await askText("Entity Class:", { default: entity.entity_class, required: true });
    const subscriptions = await askText("Subscriptions:", { default: entity.subscriptions.join(",") });
    await putOne(session, entityNoun, { ...entity, entity_class: kind, subscriptions: splitList(subscriptions) });
    session.say("Updated");
  },
});

export default group("entity", "Manage entities", [...commonCommands(entityNoun), create, update]);
