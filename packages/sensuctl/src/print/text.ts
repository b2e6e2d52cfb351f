/** Small pieces of text that several layouts share. */
import type { HookList } from "@sensu-ts/core";

/** In table cells. */
export const joined = (items: readonly string[]): string => items.join(",");
/** In info rows. */
export const listed = (items: readonly string[]): string => items.join(", ");

/** `non-zero: [ps, top], 0: [ok]` (C-58). */
export function hookLists(lists: readonly HookList[]): string {
  return lists.map(({ type, hooks }) => `${type}: [${hooks.join(", ")}]`).join(", ");
}
