/** Resource files: any number of YAML and JSON documents in one text. */
import { unknownField } from "../codec/json.ts";
import { parseJson } from "../codec/json-text.ts";
import type { Json, JsonObject } from "../codec/schema.ts";
import { parseYaml } from "../codec/yaml.ts";
import { CheckConfig } from "../types/check.ts";
import { ObjectMeta } from "../types/meta.ts";
import { EventFilter } from "../types/pipeline.ts";
import { MissingSpec, type Resource, unwrap } from "./envelope.ts";

/** More than these of one document are not reported. */
const MAX_ERRORS = 10;

export interface ParsedResources {
  readonly resources: readonly Resource[];
  /** Nothing may be sent when there is one. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Lines that start with `---` part documents, wherever they stand; empty documents are left out. */
export function splitDocuments(text: string): string[] {
  return documentsOf(text).map(({ document }) => document);
}

/** `line` is where the document begins, from 1. */
function documentsOf(text: string): { document: string; line: number }[] {
  const documents: { document: string; line: number }[] = [];
  let line = 1;
  // The separators are kept, at the odd places, to count their lines.
  for (const [i, part] of text.split(/^(---.*(?:\r?\n|$))/m).entries()) {
    if (i % 2 === 0 && part.trim() !== "") documents.push({ document: part, line });
    line += part.split("\n").length - 1;
  }
  return documents;
}

/** Never throws. The number in the texts is that of the resources read so far (C-103). */
export function parseResources(text: string): ParsedResources {
  const resources: Resource[] = [];
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const { document, line } of documentsOf(text)) {
    let wrong = 0;
    for (const read of documentTrees(document)) {
      if (wrong >= MAX_ERRORS) {
        return { resources, errors: [...errors, "too many errors"], warnings };
      }
      try {
        const tree = read();
        // A document of comments only.
        if (tree === null) continue;
        const resource = unwrap(tree);
        const spec = (tree as JsonObject)["spec"] as JsonObject | undefined;
        const unknown = spec && unknownField(resource.type.message, spec);
        if (unknown !== undefined)
          warnings.push(`resource ${resources.length}: warning: json: unknown field "${unknown}"`);
        resources.push(withoutWindows(resource));
      } catch (error) {
        wrong++;
        errors.push(`resource ${resources.length}: ${oneLine(error, line)}${lostIndentation(document, line, error)}`);
      }
    }
  }
  return { resources, errors, warnings };
}

/** Parsers show the text around an error below their message, and count lines from where the document begins. */
function oneLine(error: unknown, start: number): string {
  const [first = ""] = (error as Error).message.split("\n");
  return first.replace(/:$/, "").replace(/ at line (\d+),/, (_, at: string) => ` at line ${Number(at) + start - 1},`);
}

/** A page that is copied from may lose its indentation: members of `metadata` and `spec` then stand at the top (C-140). */
function lostIndentation(document: string, line: number, error: unknown): string {
  if (!(error instanceof MissingSpec)) return "";
  const members = new Set([...Object.keys(ObjectMeta.fields), ...Object.keys(error.type.message.fields)]);
  members.delete("metadata");
  for (const [i, text] of document.split(/\r?\n/).entries()) {
    const key = /^([a-z_]+):/.exec(text)?.[1];
    if (key !== undefined && members.has(key)) {
      return `; "${key}" in line ${line + i} looks like a member of metadata or spec: is the indentation lost?`;
    }
  }
  return "";
}

/** Files do not set these; only the API does. */
function withoutWindows(resource: Resource): Resource {
  const { type, value } = resource;
  const key =
    (type.message as unknown) === CheckConfig ? "subdue" : (type.message as unknown) === EventFilter ? "when" : "";
  return key === "" ? resource : { type, value: { ...(value as object), [key]: undefined } };
}

/** One reader for each tree of a document, so that one bad tree does not hide the others. */
function documentTrees(document: string): (() => Json)[] {
  const first = document.trimStart()[0];
  if (first !== "{" && first !== "[") return [() => parseYaml(document)];
  return jsonObjects(document).map((text) => () => parseJson(text));
}

/** Cuts concatenated JSON objects apart; what is none is left whole, for the parser to refuse. */
function jsonObjects(text: string): string[] {
  const objects: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] as string)) at++;
    if (at >= text.length) return objects;
    const end = text[at] === "{" ? objectEnd(text, at) : text.length;
    objects.push(text.slice(at, end));
    at = end;
  }
}

function objectEnd(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return i + 1;
  }
  return text.length;
}
