/**
 * What may follow the words of a command line. Shells ask the program itself, by the hidden command and in the form of
 * the original's, so that completion scripts of an installed original go on working: one candidate a line with its
 * description after a tab, last `:N`.
 */
import { allowsSource, type Option, type Options } from "../options/option.ts";
import type { Command, Program } from "./command.ts";
import { commandsOf } from "./commands.ts";

export const COMPLETE = "__complete";
export const COMPLETE_NAMES_ONLY = "__completeNoDesc";

/** A file may stand here. */
const FILES = ":0";
const NO_FILES = ":4";

interface Candidate {
  readonly name: string;
  readonly summary: string;
}

/** `words` follow the program's name; the last is the one that is being typed and may be empty. */
export function answerCompletion(program: Program, words: readonly string[], describe: boolean): string {
  const last = words.at(-1) ?? "";
  // Some shells cannot hand an empty word to a program.
  const typed = last === '""' ? "" : last;
  const { candidates, files } = complete(program, words.slice(0, -1), typed);
  const lines = candidates
    .filter(({ name }) => name.startsWith(typed))
    .map(({ name, summary }) => (describe ? `${name}\t${summary}` : name));
  return [...lines, files ? FILES : NO_FILES, ""].join("\n");
}

function complete(program: Program, before: readonly string[], typed: string) {
  let names: readonly Command[] = commandsOf(program);
  let command: Command | undefined;
  let helping = false;
  let at = 0;
  for (; at < before.length; at++) {
    const next = names.find(({ name }) => name === before[at]);
    if (next === undefined) break;
    if (next.name === "help" && at === 0) helping = true;
    else {
      command = next;
      names = next.commands ?? [];
    }
  }
  const rest = before.slice(at);
  if (!helping && (rest.includes("--") || valueExpected(command?.options ?? [], rest) || /^--[^=]*=/.test(typed))) {
    return { candidates: [], files: true };
  }
  if (typed.startsWith("-")) {
    const named = command?.name ?? program.name;
    return { candidates: helping ? [] : flagsOf(command?.options ?? [], named, rest), files: false };
  }
  if (rest.length > 0) return { candidates: [], files: false };
  return { candidates: names, files: false };
}

function flagsOf(options: Options, command: string, given: readonly string[]): readonly Candidate[] {
  const help = { name: "help", short: "h", type: "bool", default: false, help: `help for ${command}` } as const;
  return [...options.filter((option) => allowsSource(option, "flag")), help]
    .filter((option) => repeats(option) || !isGiven(option, given))
    .flatMap((option) => [
      { name: `--${option.name}`, summary: option.help },
      ...(option.short === undefined ? [] : [{ name: `-${option.short}`, summary: option.help }]),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function repeats({ type }: Option): boolean {
  return type === "strings" || type === "map";
}

function isGiven({ name, short }: Option, words: readonly string[]): boolean {
  return words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`) || word === `-${short}`);
}

/** The last word is a flag that takes the next one. */
function valueExpected(options: Options, words: readonly string[]): boolean {
  const last = words.at(-1);
  return options.some(
    ({ name, short, type }) =>
      type !== "bool" && (last === `--${name}` || (short !== undefined && last === `-${short}`)),
  );
}
