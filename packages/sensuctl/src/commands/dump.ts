import { openSync, writeSync } from "node:fs";
import { ApiError, collectionPath, withQuery } from "@sensu-ts/client";
import { fromTree, type JsonObject, type ResourceType, wrap } from "@sensu-ts/core";
import { leaf } from "../frame/command.ts";
import { Failure, fileFailure, Misuse } from "../frame/failure.ts";
import { ALL_NAMESPACES, text, toggle } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { chosenFormat, wrappedText } from "../print/output.ts";
import { allTypes, qualifiedName, typesFrom } from "./type-names.ts";

const PAGE = 100;
/** Not found, denied and not licensed: the type is left out (C-120). */
const SKIPPED = new Set([2, 4, 6]);

export default leaf({
  name: "dump",
  summary: "Write resources as YAML or JSON",
  usage: "[RESOURCE TYPE],[RESOURCE TYPE]... [-f FILE]",
  args: [0, 1],
  flags: [
    ALL_NAMESPACES,
    {
      name: "format",
      type: "string",
      default: "yaml",
      sources: ["flag", "env"],
      help: 'format ("wrapped-json"|"yaml")',
    },
    text("file", "file to write to", { short: "f" }),
    text("omit", "comma separated list of types to leave out", { short: "o" }),
    toggle("types", "list the types (deprecated)", { short: "t" }),
  ],
  async run(session, flags) {
    const [spec] = session.args;
    if (flags.types) {
      session.warn('Flag --types has been deprecated, please use "sensuctl describe-type all" instead');
      if (spec !== undefined) throw new Failure("--types is mutually exclusive with positional args");
      for (const type of allTypes()) session.say(qualifiedName(type));
      return;
    }
    if (spec === undefined) throw new Misuse("invalid argument(s) received");
    const format = chosenFormat(session, flags.format) === "wrapped-json" ? "wrapped-json" : "yaml";
    const requested = typesFrom(spec);
    const omitted = new Set(omittedTypes(flags.omit));
    const write = writer(session, flags.file);
    for (const [i, type] of requested.filter((type) => !omitted.has(type)).entries()) {
      const values = await fetchAll(session, type, flags["all-namespaces"] ? "" : session.namespace);
      if (values.length === 0) continue;
      const separator = format === "yaml" && i > 0 ? "---\n" : "";
      write(
        separator +
          wrappedText(
            format,
            values.map((value) => wrap(type, value)),
          ),
      );
    }
  },
});

function omittedTypes(list: string): readonly ResourceType[] {
  try {
    return typesFrom(list);
  } catch (error) {
    throw new Failure(`error parsing --omit: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function writer(session: Session, file: string): (text: string) => void {
  if (file === "") return (text) => session.write(text);
  try {
    const handle = openSync(file, "w");
    return (text) => void writeSync(handle, text);
  } catch (error) {
    throw fileFailure("open", file, error);
  }
}

async function fetchAll(session: Session, type: ResourceType, namespace: string): Promise<readonly unknown[]> {
  const scope = type.scope === "namespaced" ? namespace : "";
  const path = withQuery(collectionPath(type.apiVersion, scope, type.path), { types: type.name });
  try {
    const { items } = await (await session.client()).list(path, { chunkSize: PAGE });
    return items.map((tree) => fromTree(type.message, bare(tree)));
  } catch (error) {
    if (error instanceof ApiError && SKIPPED.has(error.number)) return [];
    throw new Failure(`API error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Groups other than core answer with envelopes. */
function bare(tree: JsonObject): JsonObject {
  const { spec, metadata } = tree;
  if (!("type" in tree && "api_version" in tree) || typeof spec !== "object" || spec === null) return tree;
  return { ...(spec as JsonObject), ...(metadata === undefined ? {} : { metadata }) };
}
