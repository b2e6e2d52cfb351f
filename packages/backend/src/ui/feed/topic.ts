/** What one live page follows (U-297): one list page, or one event. */
import { invalid } from "@sensu-ts/core";
import { entityQuestion, eventQuestion, namespaceOf } from "../lists/question.ts";
import { parseEntitySearch, parseEventSearch } from "../search.ts";
import type { EntityListOrder, EventListOrder, ListQuestion } from "../wire.ts";

export type Topic =
  | { readonly kind: "events"; readonly namespace: string; readonly question: ListQuestion<EventListOrder> }
  | { readonly kind: "entities"; readonly namespace: string; readonly question: ListQuestion<EntityListOrder> }
  | { readonly kind: "event"; readonly namespace: string; readonly entity: string; readonly check: string };

export function readTopic(query: URLSearchParams): Topic {
  const namespace = namespaceOf(query);
  switch (query.get("topic")) {
    case "events": {
      const question = eventQuestion(query);
      parseEventSearch(question.q);
      return { kind: "events", namespace, question };
    }
    case "entities": {
      const question = entityQuestion(query);
      parseEntitySearch(question.q);
      return { kind: "entities", namespace, question };
    }
    case "event": {
      const entity = query.get("entity");
      const check = query.get("check");
      if (!entity || !check) throw invalid("entity or check is missing");
      return { kind: "event", namespace, entity, check };
    }
    default:
      throw invalid("topic is events, entities or event");
  }
}

/** Pages with the same topic share one view. */
export function topicKey(topic: Topic): string {
  if (topic.kind === "event") return JSON.stringify([topic.kind, topic.namespace, topic.entity, topic.check]);
  const { q, order, descending, limit, offset } = topic.question;
  return JSON.stringify([topic.kind, topic.namespace, q, order, descending, limit, offset]);
}
