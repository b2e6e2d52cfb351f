/** Flags that many commands share (C-65). */
import type { Options } from "@sensu-ts/core";

export const FORMAT = {
  name: "format",
  type: "string",
  default: "tabular",
  sources: ["flag", "env"],
  help: 'format of data returned ("json"|"wrapped-json"|"tabular"|"yaml")',
} as const;

export const ALL_NAMESPACES = {
  name: "all-namespaces",
  type: "bool",
  default: false,
  sources: ["flag"],
  help: "Include records from all namespaces",
} as const;

export const SKIP_CONFIRM = {
  name: "skip-confirm",
  type: "bool",
  default: false,
  sources: ["flag"],
  help: "delete without asking",
} as const;

export const INTERACTIVE = {
  name: "interactive",
  type: "bool",
  default: false,
  sources: ["flag"],
  help: "ask for every value",
} as const;

export const LIST_FLAGS = [
  FORMAT,
  {
    name: "field-selector",
    type: "string",
    default: "",
    sources: ["flag"],
    help: "Only list resources whose fields match this selector",
  },
  {
    name: "label-selector",
    type: "string",
    default: "",
    sources: ["flag"],
    help: "Only list resources whose labels match this selector",
  },
  {
    name: "chunk-size",
    type: "int",
    default: 0,
    sources: ["flag"],
    help: "Fetch long lists in pages of this many items instead of all at once",
  },
] as const satisfies Options;

/** A flag that only the command line gives. */
export function text<const N extends string>(name: N, help: string, extra: { short?: string; default?: string } = {}) {
  return {
    name,
    type: "string" as const,
    default: extra.default ?? "",
    sources: ["flag"] as const,
    help,
    ...(extra.short === undefined ? {} : { short: extra.short }),
  };
}

export function toggle<const N extends string>(
  name: N,
  help: string,
  extra: { short?: string; default?: boolean } = {},
) {
  return {
    name,
    type: "bool" as const,
    default: extra.default ?? false,
    sources: ["flag"] as const,
    help,
    ...(extra.short === undefined ? {} : { short: extra.short }),
  };
}

export function many<const N extends string>(name: N, help: string, short?: string) {
  return {
    name,
    type: "strings" as const,
    default: [] as readonly string[],
    sources: ["flag"] as const,
    help,
    ...(short === undefined ? {} : { short }),
  };
}

/** Items of a comma list, spaces around commas trimmed; nothing is an empty list (C-69). */
export function splitList(list: string): readonly string[] {
  const trimmed = list.trim();
  return trimmed === "" ? [] : trimmed.split(/\s*,\s*/);
}
