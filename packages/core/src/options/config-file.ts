/** The configuration file's text to values by key, by the rules of YAML 1.1 (W-78, B-302). */
import { parseDocument } from "yaml";
import type { FileValue } from "./value.ts";

/** Go's reader takes these for plain text. */
const PLAIN_TEXT_TAGS = new Set(["tag:yaml.org,2002:timestamp"]);

/** Keys are lower-cased: the file does not distinguish case (B-306). Throws `SyntaxError` when it is no YAML map. */
export function parseConfigFile(text: string): Map<string, FileValue> {
  const document = parseDocument(text, {
    version: "1.1",
    uniqueKeys: false,
    intAsBigInt: true,
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === "string" ||
          // `TIME` is `12:30` as a number of base 60.
          !(PLAIN_TEXT_TAGS.has(tag.tag) || ("format" in tag && tag.format === "TIME")),
      ),
  });
  const [error] = document.errors;
  if (error) throw new SyntaxError(error.message.split("\n")[0]);
  const root: unknown = document.toJS();
  if (root === null || root === undefined) return new Map();
  if (typeof root !== "object" || Array.isArray(root)) throw new SyntaxError("the file must hold a map of options");
  return new Map(Object.entries(root as Record<string, FileValue>).map(([key, value]) => [key.toLowerCase(), value]));
}
