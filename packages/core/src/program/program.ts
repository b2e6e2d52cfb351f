/**
 * The command words of a daemon's program, read as the original's command library reads them (W-77, B-201): help on
 * everything, `completion SHELL`, near names, and what is printed with an error.
 */
import { helpText } from "../options/help.ts";
import { editDistance } from "../options/near.ts";
import { resolveOptions } from "../options/resolve.ts";
import type { Command, Program } from "./command.ts";
import { commandsOf } from "./commands.ts";
import { answerCompletion, COMPLETE, COMPLETE_NAMES_ONLY } from "./complete.ts";
import { completionScript, isShell } from "./shells.ts";

export type Reading =
  | { readonly do: "run"; readonly command: string; readonly argv: readonly string[] }
  /** Exit status 0. */
  | { readonly do: "print"; readonly text: string; readonly to: "stdout" | "stderr" }
  /** Exit status 1: `usage` to stderr, `reason` to the log. */
  | { readonly do: "refuse"; readonly usage: string; readonly reason: string };

const FARTHEST_SUGGESTION = 2;
const NAME_WIDTH = 11;

/** `argv` without the program's name. */
export function readProgram(program: Program, argv: readonly string[]): Reading {
  const [word, ...rest] = argv;
  if (word === COMPLETE || word === COMPLETE_NAMES_ONLY) {
    if (rest.length === 0) return refuse("requires at least 1 arg(s), only received 0", "");
    return print(answerCompletion(program, rest, word === COMPLETE));
  }
  if (word === "help") return help(program, rest);
  if (word === undefined || word.startsWith("-")) {
    const [error] = flagErrors(argv);
    return error === undefined ? print(programHelp(program)) : refuse(error, `${usageOf(program)}\n`);
  }
  const command = commandsOf(program).find(({ name }) => name === word);
  if (command === undefined) {
    const reason = `unknown command ${JSON.stringify(word)} for ${JSON.stringify(program.name)}`;
    return refuse(reason, `${suggestions(program, word)}Run '${program.name} --help' for usage.\n`);
  }
  return command.name === "completion" ? completion(program, command, rest) : readCommand(program, command, rest);
}

function readCommand(program: Program, command: Command, argv: readonly string[]): Reading {
  const { help: asksHelp, errors } = resolveOptions(command.options, { argv, env: {}, envPrefix: "" });
  const [error] = errors;
  const path = `${program.name} ${command.name}`;
  if (error === undefined) {
    return asksHelp ? print(commandHelp(path, command)) : { do: "run", command: command.name, argv };
  }
  // Without usage the command itself tells it, after what it has to say of its configuration file (W-78).
  return command.tellsUsage
    ? refuse(error, `${usageOfCommand(path, command)}\n`)
    : { do: "run", command: command.name, argv };
}

function completion(program: Program, command: Command, argv: readonly string[]): Reading {
  const [shell, ...rest] = argv;
  const path = `${program.name} ${command.name}`;
  const of = command.commands?.find(({ name }) => name === shell);
  if (of === undefined || !isShell(of.name)) {
    const [error] = shell?.startsWith("-") ? flagErrors(argv) : [];
    return error === undefined
      ? print(commandHelp(path, command))
      : refuse(error, `${usageOfCommand(path, command)}\n`);
  }
  const given = resolveOptions(of.options, { argv: rest, env: {}, envPrefix: "" });
  const [word] = given.rest;
  const unknown = word === undefined ? [] : [`unknown command ${JSON.stringify(word)} for "${path} ${of.name}"`];
  const [error] = [...given.errors, ...(given.help ? [] : unknown)];
  if (error !== undefined) return refuse(error, `${usageOfCommand(`${path} ${of.name}`, of)}\n`);
  if (given.help) return print(commandHelp(`${path} ${of.name}`, of));
  const namesOnly = given.values["no-descriptions"] === true;
  return print(completionScript(of.name, program.name, namesOnly ? COMPLETE_NAMES_ONLY : COMPLETE));
}

function help(program: Program, words: readonly string[]): Reading {
  const names = words.filter((word) => !word.startsWith("-"));
  let path = program.name;
  let found: Command | undefined;
  let commands = commandsOf(program);
  if (names.length === 0) {
    return words.length === 0 ? print(programHelp(program)) : print(helpOfHelp(program));
  }
  for (const name of names) {
    const next = commands.find((command) => command.name === name);
    if (next === undefined) break;
    found = next;
    path += ` ${name}`;
    commands = next.commands ?? [];
  }
  if (found === undefined) {
    const topic = names.map((name) => `\`${name}\``).join(" ");
    return { do: "print", to: "stderr", text: `Unknown help topic [${topic}]\n${usageOf(program)}` };
  }
  return print(found.name === "help" ? helpOfHelp(program) : commandHelp(path, found));
}

function programHelp(program: Program): string {
  return `${program.summary}\n\n${usageOf(program)}`;
}

function usageOf(program: Program): string {
  return usageWithCommands(program.name, program.name, commandsOf(program));
}

function helpOfHelp(program: Program): string {
  const path = `${program.name} help`;
  const summary = `Help provides help for any command in the application.\nSimply type ${program.name} help [path to command] for full details.`;
  return helpText({ command: path, summary }, []).replace(`${path} [flags]`, `${path} [command] [flags]`);
}

function commandHelp(path: string, command: Command): string {
  const summary = command.description ?? command.summary;
  return `${summary}\n\n${usageOfCommand(path, command)}`;
}

function usageOfCommand(path: string, command: Command): string {
  if (command.commands !== undefined) return usageWithCommands(path, command.name, command.commands);
  return helpText({ command: path, summary: "" }, command.options).trimStart();
}

function usageWithCommands(path: string, name: string, commands: readonly Command[]): string {
  const rows = commands.map((command) => `  ${command.name.padEnd(NAME_WIDTH)} ${command.summary}`);
  return `Usage:
  ${path} [command]

Available Commands:
${rows.join("\n")}

Flags:
  -h, --help   help for ${name}

Use "${path} [command] --help" for more information about a command.
`;
}

function suggestions(program: Program, word: string): string {
  const lower = word.toLowerCase();
  const near = commandsOf(program).filter(
    ({ name }) => editDistance(lower, name) <= FARTHEST_SUGGESTION || name.startsWith(lower),
  );
  if (near.length === 0) return "";
  return `\nDid you mean this?\n${near.map(({ name }) => `\t${name}\n`).join("")}\n`;
}

/** Of a word that takes no flags but help. */
function flagErrors(argv: readonly string[]): readonly string[] {
  return resolveOptions([], { argv, env: {}, envPrefix: "" }).errors;
}

function print(text: string): Reading {
  return { do: "print", text, to: "stdout" };
}

function refuse(reason: string, usage: string): Reading {
  return { do: "refuse", reason, usage: `Error: ${reason}\n${usage}` };
}
