/** Go template text to a tree, as far as tokens need it (W-111): no nested templates. */

import { TemplateSyntaxError, type Token, tokenize } from "./lexer.ts";
import { FUNCTION_NAMES } from "./values.ts";

export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean | undefined }
  | { readonly kind: "dot" }
  | { readonly kind: "function"; readonly name: string; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
  | {
      readonly kind: "path";
      /** Dot when absent. */
      readonly base?: Operand;
      readonly fields: readonly string[];
      readonly source: string;
      readonly at: number;
    };

export interface Pipeline {
  /** Names on the left of `:=` or `=`. */
  readonly variables: readonly string[];
  readonly declares: boolean;
  /** Each a list of operands; the first may be a function. */
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | { readonly kind: "break" | "continue" }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** Bounds the nesting a text can ask for. */
const MAX_DEPTH = 100;

/** Throws {@link TemplateSyntaxError}. */
export function parseTemplate(text: string): readonly Node[] {
  return new Parser(text).parse();
}

type Piece = { readonly text: string } | { readonly tokens: Token[]; readonly at: number };
type Ending = { readonly word: "end" } | { readonly word: "else"; readonly rest: Token[]; readonly at: number };

class Parser {
  readonly #text: string;
  readonly #pieces: Piece[];
  /** Variables in scope. */
  #variables: string[] = ["$"];
  #next = 0;
  #depth = 0;
  #ranges = 0;

  constructor(text: string) {
    this.#text = text;
    this.#pieces = split(text);
  }

  parse(): readonly Node[] {
    const { nodes, ending } = this.#list();
    if (ending !== undefined) throw new TemplateSyntaxError(this.#text.length, `unexpected {{${ending.word}}}`);
    return nodes;
  }

  #list(): { nodes: Node[]; ending: Ending | undefined } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#next++];
      if (piece === undefined) return { nodes, ending: undefined };
      if ("text" in piece) {
        if (piece.text !== "") nodes.push({ kind: "text", text: piece.text });
        continue;
      }
      const { tokens, at } = piece;
      const [first, ...rest] = tokens;
      if (first === undefined) throw new TemplateSyntaxError(at, "missing value for command");
      switch (first.kind === "name" ? first.text : "") {
        case "end":
          return { nodes, ending: { word: "end" } };
        case "else":
          return { nodes, ending: { word: "else", rest, at } };
        case "if":
        case "with":
        case "range":
          nodes.push(this.#block(first.text as "if" | "with" | "range", rest, at));
          break;
        case "break":
        case "continue":
          if (this.#ranges === 0) throw new TemplateSyntaxError(at, `{{${first.text}}} outside {{range}}`);
          nodes.push({ kind: first.text as "break" | "continue" });
          break;
        case "define":
        case "template":
        case "block":
          throw new TemplateSyntaxError(at, `{{${first.text}}} is not supported`);
        default:
          nodes.push({ kind: "action", pipeline: this.#pipeline(tokens, at, "action") });
      }
    }
  }

  #block(kind: "if" | "with" | "range", tokens: Token[], at: number): Node {
    if (++this.#depth > MAX_DEPTH) throw new TemplateSyntaxError(at, "nested too deeply");
    const scope = this.#variables;
    this.#variables = [...scope];
    const pipeline = this.#pipeline(tokens, at, kind);
    if (kind === "range") this.#ranges++;
    const { nodes: body, ending } = this.#list();
    if (kind === "range") this.#ranges--;
    let otherwise: readonly Node[] = [];
    if (ending === undefined) throw new TemplateSyntaxError(at, "unexpected EOF");
    if (ending.word === "else") otherwise = this.#else(kind, ending.rest, ending.at);
    this.#variables = scope;
    this.#depth--;
    return { kind, pipeline, body, otherwise };
  }

  #else(kind: "if" | "with" | "range", rest: Token[], at: number): readonly Node[] {
    const [word, ...condition] = rest;
    if (word?.kind === "name" && word.text === kind && kind !== "range") return [this.#block(kind, condition, at)];
    if (word !== undefined) throw new TemplateSyntaxError(at, "unexpected words after {{else}}");
    const { nodes, ending } = this.#list();
    if (ending?.word !== "end") throw new TemplateSyntaxError(at, "expected end; found {{else}} or EOF");
    return nodes;
  }

  #pipeline(tokens: Token[], at: number, context: string): Pipeline {
    const reader = { tokens, next: 0 };
    const pipeline = this.#readPipeline(reader, at, context);
    const left = tokens[reader.next];
    if (left !== undefined)
      throw new TemplateSyntaxError(left.at, `unexpected ${JSON.stringify(left.text)} in ${context}`);
    return pipeline;
  }

  #readPipeline(reader: { tokens: Token[]; next: number }, at: number, context: string): Pipeline {
    const { tokens } = reader;
    const variables: string[] = [];
    let declares = false;
    const sign = tokens.findIndex((token) => token.kind === "symbol" && (token.text === ":=" || token.text === "="));
    if (sign > 0 && reader.next === 0) {
      const names = tokens.slice(0, sign).filter((token) => token.kind === "variable");
      declares = tokens[sign]?.text === ":=";
      if (names.length !== (sign + 1) / 2 || names.length > (context === "range" ? 2 : 1)) {
        throw new TemplateSyntaxError(at, `bad assignment in ${context}`);
      }
      variables.push(...names.map((token) => token.text));
      reader.next = sign + 1;
    }
    const commands: Operand[][] = [[]];
    for (;;) {
      const token = tokens[reader.next];
      if (token === undefined || (token.kind === "symbol" && token.text === ")")) break;
      if (token.kind === "symbol" && token.text === "|") {
        reader.next++;
        if (commands.at(-1)?.length === 0) throw new TemplateSyntaxError(token.at, `missing value for ${context}`);
        commands.push([]);
        continue;
      }
      commands.at(-1)?.push(this.#operand(reader, context));
    }
    if (commands.at(-1)?.length === 0) throw new TemplateSyntaxError(at, `missing value for ${context}`);
    commands.slice(1).forEach(([first]) => {
      if (first?.kind === "literal" || first?.kind === "dot") {
        throw new TemplateSyntaxError(at, "non executable command in pipeline");
      }
    });
    if (declares) this.#variables.push(...variables);
    else {
      const unknown = variables.find((name) => !this.#variables.includes(name));
      if (unknown !== undefined) throw new TemplateSyntaxError(at, `undefined variable ${JSON.stringify(unknown)}`);
    }
    return { variables, declares, commands };
  }

  #operand(reader: { tokens: Token[]; next: number }, context: string): Operand {
    const start = reader.tokens[reader.next] as Token;
    let at = start.at;
    const fields: string[] = [];
    let base: Operand | undefined;
    if (start.kind === "field") fields.push(start.text);
    else base = this.#base(reader, start, context);
    reader.next++;
    for (;;) {
      const token = reader.tokens[reader.next];
      if (token?.kind !== "field" || token.spaced) break;
      // The original names the place of the last field but one in its messages.
      if (fields.length < 2) at = token.at;
      fields.push(token.text);
      reader.next++;
    }
    if (fields.length === 0) return base as Operand;
    const end = reader.tokens[reader.next - 1] as Token;
    const source = this.#text.slice(start.at, end.at + 1 + end.text.length);
    return { kind: "path", fields, at, source, ...(base === undefined || base.kind === "dot" ? {} : { base }) };
  }

  #base(reader: { tokens: Token[]; next: number }, token: Token, context: string): Operand {
    switch (token.kind) {
      case "dot":
        return { kind: "dot" };
      case "string":
        return { kind: "literal", value: token.text };
      case "number":
        return { kind: "literal", value: Number(token.text) };
      case "variable":
        if (!this.#variables.includes(token.text)) {
          throw new TemplateSyntaxError(token.at, `undefined variable ${JSON.stringify(token.text)}`);
        }
        return { kind: "variable", name: token.text, at: token.at };
      case "name":
        if (token.text === "true" || token.text === "false") return { kind: "literal", value: token.text === "true" };
        if (token.text === "nil") return { kind: "literal", value: undefined };
        if (!FUNCTION_NAMES.has(token.text)) {
          throw new TemplateSyntaxError(token.at, `function ${JSON.stringify(token.text)} not defined`);
        }
        return { kind: "function", name: token.text, at: token.at };
      default: {
        if (token.text !== "(") {
          throw new TemplateSyntaxError(token.at, `unexpected ${JSON.stringify(token.text)} in ${context}`);
        }
        if (++this.#depth > MAX_DEPTH) throw new TemplateSyntaxError(token.at, "nested too deeply");
        const inner = { tokens: reader.tokens.slice(reader.next + 1), next: 0 };
        const pipeline = this.#readParenthesized(inner, token.at);
        reader.next += inner.next + 1;
        this.#depth--;
        return { kind: "pipeline", pipeline };
      }
    }
  }

  #readParenthesized(inner: { tokens: Token[]; next: number }, at: number): Pipeline {
    const pipeline = this.#readPipeline(inner, at, "parenthesized pipeline");
    if (inner.tokens[inner.next] === undefined) throw new TemplateSyntaxError(at, "unclosed left paren");
    return pipeline;
  }
}

/** Texts and actions in turn; `{{-` and `-}}` trim the white space beside them, comments vanish. */
function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = text.indexOf("{{", at);
    let between = text.slice(at, open < 0 ? undefined : open);
    if (trimNext) between = between.replace(/^[ \t\r\n]+/, "");
    if (open < 0) {
      pieces.push({ text: between });
      return pieces;
    }
    let from = open + 2;
    if (/^-\s/.test(text.slice(from, from + 2))) {
      between = between.replace(/[ \t\r\n]+$/, "");
      from++;
    }
    pieces.push({ text: between });
    const comment = /\s*\/\*[\s\S]*?\*\/(\s+-)?\}\}/y;
    comment.lastIndex = from;
    const commented = comment.exec(text);
    if (commented !== null) {
      trimNext = commented[1] !== undefined;
      at = comment.lastIndex;
      continue;
    }
    const close = closing(text, from);
    if (close < 0) throw new TemplateSyntaxError(open, "unclosed action");
    trimNext = /\s-$/.test(text.slice(from, close));
    pieces.push({ tokens: tokenize(text, from, trimNext ? close - 1 : close), at: open });
    at = close + 2;
  }
}

/** Where the action's `}}` is; those inside quotes do not count. */
function closing(text: string, from: number): number {
  const part = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}/g;
  part.lastIndex = from;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    if (match[0] === "}}") return match.index;
  }
  return -1;
}
