/** Reads a command line by the GNU rules the original's library follows (B-206). */
import { allowsSource, type Option, type Options } from "./option.ts";
import { notBool, parseBool } from "./value.ts";

export interface Flags {
  /** Texts by option name, one for each time the flag stood there. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  readonly help: boolean;
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** `argv` is what follows the command word. Never throws: what is wrong is listed in `errors`. */
export function readFlags(rows: Options, argv: readonly string[]): Flags {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  const warnings: string[] = [];
  const errors: string[] = [];
  let help = false;

  const long = new Map<string, Option>();
  const short = new Map<string, Option>();
  for (const row of rows) {
    if (!allowsSource(row, "flag")) continue;
    for (const name of [row.name, ...(row.deprecated ?? [])]) long.set(name, row);
    if (row.short !== undefined) short.set(row.short, row);
  }
  const add = (row: Option, text: string) => {
    const texts = given.get(row.name);
    if (texts) texts.push(text);
    else given.set(row.name, [text]);
  };

  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === "--") {
      rest.push(...argv.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) {
      const sign = word.indexOf("=");
      const name = sign < 0 ? word.slice(2) : word.slice(2, sign);
      const row = long.get(name);
      if (name === "" || name.startsWith("-")) errors.push(`bad flag syntax: ${word}`);
      else if (row !== undefined) {
        if (name !== row.name) warnings.push(`flag --${name} is deprecated, use --${row.name} instead`);
        if (sign >= 0) add(row, word.slice(sign + 1));
        else if (row.type === "bool") add(row, "true");
        else if (at + 1 < argv.length) add(row, argv[++at] as string);
        else errors.push(`flag needs an argument: --${name}`);
      } else if (name === "help") {
        const asked = sign < 0 ? true : parseBool(word.slice(sign + 1));
        if (asked === undefined) errors.push(badHelp(word.slice(sign + 1)));
        else help = asked;
      } else errors.push(`unknown flag: --${name}`);
      continue;
    }
    if (!word.startsWith("-") || word === "-") {
      rest.push(word);
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const row = short.get(letter);
      if (row === undefined && letter === "h") {
        help = true;
        continue;
      }
      if (row === undefined) {
        errors.push(`unknown shorthand flag: '${letter}' in ${word}`);
        break;
      }
      const tail = word.slice(i + 1);
      if (tail.startsWith("=")) add(row, tail.slice(1));
      else if (row.type === "bool") {
        add(row, "true");
        continue;
      } else if (tail !== "") add(row, tail);
      else if (at + 1 < argv.length) add(row, argv[++at] as string);
      else errors.push(`flag needs an argument: '${letter}' in ${word}`);
      break;
    }
  }
  return { given, rest, help, warnings, errors };
}

function badHelp(text: string): string {
  return `invalid argument ${JSON.stringify(text)} for "-h, --help" flag: ${notBool(text)}`;
}
