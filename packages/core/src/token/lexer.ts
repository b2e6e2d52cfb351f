/** Words inside `{{ }}` of a template. Positions count UTF-16 units from the start of the template. */
export type TokenKind =
  | "field" // .name
  | "dot"
  | "variable" // $ or $name
  | "name" // function, keyword, true, false, nil
  | "string"
  | "number"
  | "symbol"; // | ( ) , := =

export interface Token {
  readonly kind: TokenKind;
  /** Decoded for strings, without the dot for fields. */
  readonly text: string;
  readonly at: number;
  /** White space stands before it: `.a .b` are two operands, `.a.b` is one. */
  readonly spaced: boolean;
}

export class TemplateSyntaxError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const WORD =
  /\.([\p{L}_][\p{L}\p{Nd}_]*)|(\.(?!\d))|(\$[\p{L}\p{Nd}_]*)|([\p{L}_][\p{L}\p{Nd}_]*)|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`|'((?:[^'\\\n]|\\.)+)'|([+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|(:=|[|(),=])/uy;

/** `from` and `to` bound the inside of one action. */
export function tokenize(text: string, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  let at = from;
  for (;;) {
    const start = at;
    while (at < to && /\s/.test(text[at] as string)) at++;
    if (at >= to) return tokens;
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    if (match === null || WORD.lastIndex > to) throw new TemplateSyntaxError(at, unexpected(text, at));
    const [, field, dot, variable, name, quoted, raw, character, number, symbol] = match;
    const spaced = at > start || at === from;
    const add = (kind: TokenKind, value: string) => tokens.push({ kind, text: value, at, spaced });
    if (field !== undefined) add("field", field);
    else if (dot !== undefined) add("dot", ".");
    else if (variable !== undefined) add("variable", variable);
    else if (name !== undefined) add("name", name);
    else if (quoted !== undefined) add("string", unquote(quoted, at));
    else if (raw !== undefined) add("string", raw);
    else if (character !== undefined) add("number", String(unquote(character, at).codePointAt(0)));
    else if (number !== undefined) add("number", number);
    else add("symbol", symbol as string);
    at = WORD.lastIndex;
    const last = tokens.at(-1)?.kind;
    // `a-b` and `1x` are no two words.
    const glued = at < to && !/[\s|(),:="`'.$]/.test(text[at] as string);
    if (glued && last !== "symbol") throw new TemplateSyntaxError(at, unexpected(text, at));
  }
}

function unexpected(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"') return "unterminated quoted string";
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `bad character U+${code} '${character}'`;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquote(inside: string, at: number): string {
  return inside.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
    (_, hex?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (letter === '"' || letter === "'" || letter === "\\") return letter;
      const plain = ESCAPES[letter ?? ""];
      if (plain === undefined) throw new TemplateSyntaxError(at, "invalid syntax in quoted string");
      return plain;
    },
  );
}
