/** Words for resource types on the command line (C-114, C-117, C-118). */
import { RESOURCE_TYPES, type ResourceType, resourceByShortName } from "@sensu-ts/core";
import { Failure } from "../frame/failure.ts";

/** What `all` stands for, in the order that restoring needs. */
export function allTypes(): readonly ResourceType[] {
  return RESOURCE_TYPES.filter(({ apiVersion }) => apiVersion !== "core/v3");
}

export const qualifiedName = ({ apiVersion, name }: ResourceType): string => `${apiVersion}.${name}`;
/** Only core/v2 has short names. */
export const shortName = ({ apiVersion, rbac }: ResourceType): string => (apiVersion === "core/v2" ? rbac : "");

/** Short, Go, snake, qualified, documented and hyphenated names; singular or plural. */
export function findType(word: string): ResourceType | undefined {
  if (word === "") return undefined;
  return (
    resourceByShortName(word) ??
    allTypes().find((type) => shortName(type) === word.replaceAll("-", "") || `${type.command ?? ""}s` === word)
  );
}

export function requireType(word: string): ResourceType {
  const type = findType(word);
  if (type === undefined) throw new Failure(`invalid resource type: ${word}`);
  return type;
}

/** A comma list or `all`; repeated types are dropped, the order is kept. */
export function typesFrom(list: string): readonly ResourceType[] {
  if (list === "") return [];
  if (list === "all") return allTypes();
  return [...new Set(list.split(",").map(requireType))];
}
