/** The search box of the events and entities lists: words and `key:value` terms, all of which must hold (U-82). */
import { invalid } from "@sensu-ts/core";
import type { EventQuery } from "@sensu-ts/store";

export interface Term {
  /** Empty for a plain word. */
  readonly key: string;
  readonly value: string;
}

/** `status:critical entity:"web 1" disk` -> three terms. Quotes hold blanks together; they cannot be escaped. */
export function parseTerms(text: string): readonly Term[] {
  const terms: Term[] = [];
  for (const match of text.matchAll(/(?:([a-z_]+):)?(?:"([^"]*)"?|([^\s"]+))/g)) {
    terms.push({ key: match[1] ?? "", value: match[2] ?? match[3] ?? "" });
  }
  return terms;
}

const STATUSES: Readonly<Record<string, Pick<EventQuery, "status" | "incidents">>> = {
  passing: { status: [0] },
  warning: { status: [1] },
  critical: { status: [2] },
  incident: { incidents: true },
};

/** What agents can report beyond 2: exit codes of commands. */
const UNKNOWN_STATUSES = Array.from({ length: 253 }, (_, index) => index + 3);

export type EventSearch = Pick<EventQuery, "entity" | "check" | "status" | "incidents" | "silenced" | "text">;

/** Throws `SensuError("invalid")` with a text for the user when a term cannot be understood. */
export function parseEventSearch(text: string): EventSearch {
  let search: EventSearch = {};
  for (const { key, value } of parseTerms(text)) {
    if (key === "") {
      if (search.text !== undefined) throw invalid("one word to look for is enough: use entity:NAME and check:NAME");
      search = { ...search, text: value };
    } else if (key === "entity" || key === "check") {
      search = { ...search, [key]: value };
    } else if (key === "status") {
      search = { ...search, ...statusOf(value) };
    } else if (key === "silenced") {
      if (value !== "true" && value !== "false") throw invalid("silenced: is true or false");
      search = { ...search, silenced: value === "true" };
    } else {
      throw invalid(`unknown search key "${key}": use status, entity, check or silenced`);
    }
  }
  return search;
}

function statusOf(value: string): Pick<EventQuery, "status" | "incidents"> {
  if (value === "unknown") return { status: UNKNOWN_STATUSES };
  if (Object.hasOwn(STATUSES, value)) return STATUSES[value] ?? {};
  throw invalid(`unknown status "${value}": use passing, warning, critical, unknown or incident`);
}

export interface EntitySearch {
  /** Parts of the name, any case. */
  readonly words: readonly string[];
  readonly entityClass?: string;
  readonly subscription?: string;
}

export function parseEntitySearch(text: string): EntitySearch {
  let search: EntitySearch = { words: [] };
  for (const { key, value } of parseTerms(text)) {
    if (key === "") search = { ...search, words: [...search.words, value.toLowerCase()] };
    else if (key === "class") search = { ...search, entityClass: value };
    else if (key === "subscription") search = { ...search, subscription: value };
    else throw invalid(`unknown search key "${key}": use class or subscription`);
  }
  return search;
}
