/** Go's flag syntax: one or two dashes, `-f v` or `-f=v`, switches without a value, the first other word ends them. */
export class FlagError extends Error {}

export type FlagKinds = Readonly<Record<string, "string" | "boolean" | "number">>;

export interface Flags {
  text(name: string): string;
  on(name: string): boolean;
  number(name: string): number;
  /** The words after the flags. */
  rest: string[];
}

function truth(text: string, name: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new FlagError(`invalid boolean value ${JSON.stringify(text)} for -${name}: parse error`);
}

/** Throws `FlagError` with Go's words. */
export function parseFlags(words: readonly string[], kinds: FlagKinds): Flags {
  const values = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word.length < 2 || !word.startsWith("-")) break;
    if (word === "--") {
      at++;
      break;
    }
    const [, name = "", value] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === "" || name.startsWith("-")) throw new FlagError(`bad flag syntax: ${word}`);
    const kind = kinds[name];
    if (kind === undefined) throw new FlagError(`flag provided but not defined: -${name}`);
    if (kind === "boolean") {
      values.set(name, String(truth(value ?? "true", name)));
      continue;
    }
    const text = value ?? words[++at];
    if (text === undefined) throw new FlagError(`flag needs an argument: -${name}`);
    if (kind === "number" && !/^-?\d+$/.test(text)) {
      throw new FlagError(`invalid value ${JSON.stringify(text)} for flag -${name}: parse error`);
    }
    values.set(name, text);
  }
  return {
    text: (name) => values.get(name) ?? "",
    on: (name) => values.get(name) === "true",
    number: (name) => Number(values.get(name) ?? 0),
    rest: words.slice(at),
  };
}
