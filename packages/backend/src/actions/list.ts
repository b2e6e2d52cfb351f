/** Pages of lists and what selectors leave of them. */
import { parseSelector, type ResourceType } from "@sensu-ts/core";
import type { ResourceStore, StoredType } from "@sensu-ts/store";
import type { ListQuery, Page } from "./resource-actions.ts";

/**
 * Undefined: nothing filters. A label selector must match one of the sets of labels. Throws `invalid` for a selector that cannot be read.
 */
export function selectorOf<T>(
  type: ResourceType<T>,
  query: ListQuery,
  labelSets: (value: T) => readonly Readonly<Record<string, string>>[] = (value) => [type.labels(value)],
): ((value: T) => boolean) | undefined {
  const byField = joined(query.fieldSelector);
  const byLabel = joined(query.labelSelector);
  if (byField === "" && byLabel === "") return undefined;
  const fields = parseSelector(byField);
  const labels = parseSelector(byLabel);
  return (value) => fields.matches(fieldsOf(type, value)) && labelSets(value).some((set) => labels.matches(set));
}

/** As selectors see a value: `check.name`, `check.labels.team`. */
function fieldsOf<T>(type: ResourceType<T>, value: T): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(type.selectorFields(value))) fields[`${type.fieldPrefix}.${key}`] = text;
  for (const [key, text] of Object.entries(type.labels(value))) fields[`${type.fieldPrefix}.labels.${key}`] = text;
  return fields;
}

/** Several selectors of one kind must all hold. */
function joined(texts: readonly string[] | undefined): string {
  return (texts ?? []).filter((text) => text.trim() !== "").join(" && ");
}

/** Absent when there is no limit. */
export function limitOf(query: ListQuery): number | undefined {
  return query.limit !== undefined && query.limit > 0 ? query.limit : undefined;
}

export async function listPage<T>(
  store: ResourceStore,
  type: StoredType<T>,
  query: ListQuery,
  matches: ((value: T) => boolean) | undefined,
): Promise<Page<T>> {
  const limit = limitOf(query);
  const page = await store.list(type, {
    ...(query.namespace === "" ? {} : { namespace: query.namespace }),
    ...(limit === undefined ? {} : { limit }),
    ...(query.continue === undefined ? {} : { after: query.continue }),
    ...(matches === undefined ? {} : { matches }),
  });
  const items = page.items.map((stored) => stored.value);
  return page.next === undefined ? { items } : { items, continue: page.next };
}

/** All in one namespace. */
export async function allIn<T>(store: ResourceStore, type: StoredType<T>, namespace: string): Promise<readonly T[]> {
  return (await listPage(store, type, { namespace }, undefined)).items;
}
