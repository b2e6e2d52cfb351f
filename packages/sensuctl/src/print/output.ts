/** Results in the four formats (C-49 to C-53). */
import {
  type Json,
  type JsonObject,
  type ResourceType,
  sortedForYaml,
  stringifyYaml,
  toTree,
  wrap,
} from "@sensu-ts/core";
import type { Session } from "../frame/session.ts";
import { renderInfo } from "./info.ts";
import { prettyJson } from "./json.ts";
import type { Layout } from "./layout.ts";
import { renderTable } from "./table.ts";

export type Format = "tabular" | "json" | "wrapped-json" | "yaml";

/** `flag` counts when it or its variable was set, else the profile; unknown words are tabular. */
export function chosenFormat(session: Session, flag: string): Format {
  const word = session.given("format") && flag !== "" ? flag : session.settings.format;
  return word === "json" || word === "wrapped-json" || word === "yaml" ? word : "tabular";
}

export function printList<T>(
  session: Session,
  format: Format,
  type: ResourceType<T>,
  layout: Layout<T>,
  values: readonly T[],
  warning: string,
): void {
  if (format === "json") {
    session.write(`${prettyJson(values.map((value) => toTree(type.message, value)))}\n\n`);
  } else if (format !== "tabular") printWrapped(session, format, type, values);
  else {
    if (warning !== "") session.write(renderInfo({ title: warning, rows: [] }, session.paint));
    const rows = layout.rows ? values.flatMap(layout.rows) : values;
    session.write(renderTable(layout.columns, rows, session.paint));
  }
}

export function printOne<T>(
  session: Session,
  format: Format,
  type: ResourceType<T>,
  layout: Layout<T>,
  value: T,
): void {
  if (format === "json") session.write(`${prettyJson(toTree(type.message, value))}\n\n`);
  else if (format !== "tabular") printWrapped(session, format, type, [value]);
  else {
    const shown = layout.info?.(value, session.paint) ?? "";
    session.write(typeof shown === "string" ? shown : renderInfo(shown, session.paint));
  }
}

/** Wrapped values: JSON objects one after the other, or YAML documents between `---` lines. */
export function printWrapped<T>(
  session: Session,
  format: "wrapped-json" | "yaml",
  type: ResourceType<T>,
  values: readonly T[],
): void {
  session.write(
    wrappedText(
      format,
      values.map((value) => wrap(type, value)),
    ),
  );
}

export function wrappedText(format: "wrapped-json" | "yaml", trees: readonly JsonObject[]): string {
  if (format === "wrapped-json") return trees.map((tree) => `${prettyJson(tree)}\n`).join("");
  return trees.map((tree) => stringifyYaml(withSortedParts(tree))).join("---\n");
}

/** The envelope keeps its order, what is in it is sorted. */
function withSortedParts(tree: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, sortedForYaml(part)]));
}

/** Values that are no resources: wrapped-json is plain JSON. */
export function printPlain(session: Session, format: Format, value: Json, yaml: Json, tabular: () => string): void {
  if (format === "tabular") session.write(tabular());
  else if (format === "yaml") session.write(stringifyYaml(yaml));
  else session.write(`${prettyJson(value)}\n\n`);
}
