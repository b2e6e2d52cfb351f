/** Splits a selector text into its words. */
import { invalid } from "../errors.ts";

export type Operator = "==" | "!=" | "in" | "notin" | "matches";

export type Token =
  /** An identifier, a quoted text or a number. */
  | { readonly kind: "value"; readonly text: string; readonly at: number }
  | { readonly kind: "bool"; readonly text: "true" | "false"; readonly at: number }
  | { readonly kind: "operator"; readonly text: Operator; readonly at: number }
  | { readonly kind: "&&" | "[" | "]" | ","; readonly at: number };

const SPACE = /\s+/y;
const QUOTED = /["']([^"']*)["']/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_/]*(?:\.[A-Za-z_][A-Za-z0-9_/]*)*/y;
/** Not in the original, where a value that starts with a digit must be quoted (U-103). */
const NUMBER = /\d+(?:\.\d+)?(?![\w.])/y;
const WORDS = new Set(["in", "notin", "matches", "true", "false"]);

/** Throws `invalid` that names the position. */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text) ?? undefined;
  };
  const bad = (): never => {
    throw invalid(`unexpected character ${JSON.stringify(text[at])} at position ${at} of the selector`);
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space) {
      at += space[0].length;
      continue;
    }
    const pair = text.slice(at, at + 2);
    if (pair === "==" || pair === "!=") {
      found.push({ kind: "operator", text: pair, at });
      at += 2;
      continue;
    }
    if (pair === "&&") {
      found.push({ kind: "&&", at });
      at += 2;
      continue;
    }
    const sign = text[at];
    if (sign === "[" || sign === "]" || sign === ",") {
      found.push({ kind: sign, at });
      at += 1;
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted) {
      found.push({ kind: "value", text: quoted[1] ?? "", at });
      at += quoted[0].length;
      continue;
    }
    const word = take(IDENTIFIER) ?? take(NUMBER);
    if (!word) return bad();
    const start = at;
    at += word[0].length;
    // A dot at the end, a hyphen inside, an operator without a space before it: values such as these need quotes.
    if (at < text.length && !/[\s\],[&]/.test(text[at] ?? "")) return bad();
    found.push(wordToken(word[0], start, /^(\s|$)/.test(text.slice(at, at + 1))));
  }
  return found;
}

/** Reserved words count in any case, and only before a space or the end. */
function wordToken(text: string, at: number, standsAlone: boolean): Token {
  const word = text.toLowerCase();
  if (!standsAlone || !WORDS.has(word)) return { kind: "value", text, at };
  if (word === "true" || word === "false") return { kind: "bool", text: word, at };
  return { kind: "operator", text: word as Operator, at };
}
