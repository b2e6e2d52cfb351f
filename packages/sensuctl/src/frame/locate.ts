/** Finds the command words between flags. */
import { editDistance } from "@sensu-ts/core";

export interface Located {
  /** First word that is not a flag nor the value of one. */
  readonly word: string | undefined;
  /** All words but that one, in order. */
  readonly rest: readonly string[];
}

/**
 * A long flag without `=` and a lone short flag take the next word as their value, unless they are known to be
 * boolean: flags of commands not yet found are unknown here, and the original guesses in the same way.
 */
export function locate(argv: readonly string[], booleans: ReadonlySet<string>): Located {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === "--") break;
    if (word.startsWith("--")) {
      if (!word.includes("=") && !booleans.has(word.slice(2))) at++;
    } else if (word.startsWith("-") && word !== "-") {
      if (word.length === 2 && !booleans.has(word.slice(1))) at++;
    } else return { word, rest: [...argv.slice(0, at), ...argv.slice(at + 1)] };
  }
  return { word: undefined, rest: argv };
}

/** Names within two edits of the word, or that it begins (C-5). */
export function suggestions(word: string, names: readonly string[]): readonly string[] {
  const lower = word.toLowerCase();
  return names.filter((name) => editDistance(lower, name) <= 2 || name.startsWith(lower));
}

export function unknownCommand(word: string, path: string, near: readonly string[]): string {
  const hint = near.length === 0 ? "" : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join("")}`;
  return `unknown command ${JSON.stringify(word)} for ${JSON.stringify(path)}${hint}\nRun '${path} --help' for usage.`;
}
