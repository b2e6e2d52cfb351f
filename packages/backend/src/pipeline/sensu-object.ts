/** The object `sensu` of event filters: other events of the namespace (P-125). */
import type { Event } from "@sensu-ts/core";
import type { EventReader } from "./ports.ts";
import { scriptEvent } from "./script-value.ts";

const ALL = "*";

/** Runs in the sandbox, after `event`. A reference is a check of the same entity, or `{entity, check}`. */
export const SENSU_OBJECT = `
(function (global) {
  var own = event.entity.metadata.name, ask = global.__ask, flatten = global.__flatten, text = JSON.stringify;
  function prepared(other) { flatten(other); return other; }
  function load(references) {
    var places = references.map(function (reference) {
      return typeof reference === "object" && reference
        ? { entity: String(reference.entity || own), check: String(reference.check) }
        : { entity: own, check: String(reference) };
    });
    return ask(places.map(function (place) { return text(place); })).map(function (other, i) {
      if (!other) throw new Error("event " + places[i].entity + "/" + places[i].check + " not found");
      return prepared(other);
    });
  }
  function statuses(references) {
    return load(references).map(function (other) { return other.check ? other.check.status : 0; });
  }
  function list(arguments_) { return Array.prototype.concat.apply([], arguments_); }
  var status = function () { return statuses(list(arguments)); };
  global.sensu = {
    FetchEvent: function (entity, check) { return load([{ entity: entity, check: check }])[0]; },
    ListEvents: function () { return ask(["${ALL}"])[0].map(prepared); },
    EventStatus: status,
    CheckStatus: status,
    CheckDependencies: function () {
      return statuses(list(arguments)).every(function (status) { return status === 0; });
    }
  };
})(this);
`;

/** JSON text of what a function of the object asked. */
export async function answerOf(reader: EventReader, event: Event, question: string): Promise<string> {
  const namespace = event.entity?.metadata.namespace ?? "";
  if (question === ALL) return `[${(await reader.list(namespace)).map(scriptEvent).join(",")}]`;
  const { entity, check } = JSON.parse(question) as { entity: string; check: string };
  const other = await reader.get({ namespace, entity, check });
  return other ? scriptEvent(other) : "null";
}
