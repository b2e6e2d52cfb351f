/** `--help` in the layout users and scripts of the original know (C-6). */
// Types only: the first help is answered without loading core.
import type { Option, Options } from "@sensu-ts/core";
import type { Command, Leaf } from "./command.ts";

const COLUMNS = 79;
/** Room left at the end of a line so that a word may still end there. */
const SLOP = 5;

export interface Listed {
  readonly name: string;
  readonly summary: string;
  readonly kind: Command["kind"];
}

const helpFlag = (name: string): Option => ({
  name: "help",
  short: "h",
  type: "bool",
  default: false,
  help: `help for ${name}`,
});

export function leafHelp(path: string, command: Leaf, globals: Options): string {
  const own = command.flags ?? [];
  const shadowed = new Set(own.map((row) => row.name));
  const usage = command.usage === undefined ? path : `${path} ${command.usage}`;
  return sections([
    `${command.description ?? command.summary}`,
    `Usage:\t${usage} [flags]`,
    `Flags:\n${flagLines([...own, helpFlag(command.name)])}`,
    `Global Flags:\n${flagLines(globals.filter((row) => !shadowed.has(row.name)))}`,
  ]);
}

/** Help of the root (`globals` stand under `Flags`) and of commands that have sub-commands. */
export function groupHelp(path: string, summary: string, commands: readonly Listed[], globals: Options): string {
  const words = path.split(" ");
  const own = [helpFlag(words.at(-1) ?? path)];
  const flags =
    words.length === 1
      ? [`Flags:\n${flagLines([...globals, ...own])}`]
      : [`Flags:\n${flagLines(own)}`, `Global Flags:\n${flagLines(globals)}`];
  const width = Math.max(11, ...commands.map(({ name }) => name.length));
  const list = (title: string, leaves: boolean) => {
    const lines = commands
      .filter((row) => (row.kind === "leaf") === leaves)
      .map((row) => `  ${row.name.padEnd(width)} ${row.summary}`);
    return lines.length === 0 ? [] : [`${title}:\n${lines.join("\n")}`];
  };
  return sections([
    summary,
    `Usage:\t${path} COMMAND`,
    ...flags,
    ...list("Commands", true),
    ...list("Management Commands", false),
    `Run '${path} COMMAND --help' for more information on a command.`,
  ]);
}

const sections = (parts: readonly string[]) => `${parts.join("\n\n")}\n`;

function flagLines(rows: Options): string {
  const lines = [...rows]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((row) => ({ left: leftColumn(row), right: row.help + defaultText(row) }));
  const width = Math.max(...lines.map(({ left }) => left.length)) + 3;
  return lines.map(({ left, right }) => left.padEnd(width) + wrapped(right, width)).join("\n");
}

function leftColumn(row: Option): string {
  const word = row.type === "bool" ? "" : ` ${row.type}`;
  return `  ${row.short === undefined ? "   " : `-${row.short},`} --${row.name}${word}`;
}

function defaultText(row: Option): string {
  switch (row.type) {
    case "string":
      return row.default === "" ? "" : ` (default ${JSON.stringify(row.default)})`;
    case "bool":
      return row.default ? " (default true)" : "";
    case "duration":
      // Ours are whole seconds under a minute.
      return ` (default ${row.default / 1000}s)`;
    case "strings":
      return row.default.length === 0 ? "" : ` (default [${row.default.join(",")}])`;
    default:
      return row.default === 0 ? "" : ` (default ${String(row.default)})`;
  }
}

function wrapped(text: string, indent: number): string {
  const room = COLUMNS - indent - SLOP;
  if (room + SLOP < 24) return text;
  const lines: string[] = [];
  let rest = text;
  while (room + SLOP <= rest.length) {
    const cut = rest.slice(0, room).lastIndexOf(" ");
    if (cut <= 0) break;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut + 1);
  }
  return [...lines, rest].join(`\n${" ".repeat(indent)}`);
}
