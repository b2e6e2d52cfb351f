/** `--help` in the layout of the original's command library (B-205). */
import { formatDuration } from "./duration.ts";
import { allowsSource, type Option, type Options } from "./option.ts";

export interface HelpSubject {
  /** Whole command, such as `sensu-agent start`. */
  readonly command: string;
  /** One line on what it does. */
  readonly summary: string;
}

export function helpText(subject: HelpSubject, rows: Options): string {
  const shown = rows.filter((row) => allowsSource(row, "flag"));
  const grouped = shown.some((row) => row.group !== undefined);
  const lastWord = subject.command.slice(subject.command.lastIndexOf(" ") + 1);
  const help = { name: "help", short: "h", type: "bool", default: false, help: `help for ${lastWord}` } as const;
  const groups = new Map<string, Option[]>([[grouped ? "General Flags" : "Flags", [help]]]);
  for (const row of shown) {
    const title = grouped ? `${row.group ?? "General"} Flags` : "Flags";
    const members = groups.get(title);
    if (members) members.push(row);
    else groups.set(title, [row]);
  }
  const parts = [subject.summary, `Usage:\n  ${subject.command} [flags]`];
  for (const [title, members] of groups) parts.push(`${title}:\n${table(members)}`);
  return `${parts.join("\n\n")}\n`;
}

const TYPE_WORD: Readonly<Record<Option["type"], string>> = {
  string: "string",
  bool: "",
  int: "int",
  uint: "uint",
  uint32: "uint32",
  float: "float",
  duration: "duration",
  strings: "strings",
  map: "stringToString",
};

function table(rows: Option[]): string {
  const lines = [...rows]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((row) => ({ left: leftColumn(row), right: row.help + defaultText(row) }));
  const width = Math.max(...lines.map((line) => line.left.length));
  return lines.map(({ left, right }) => `${left.padEnd(width)}   ${right}`).join("\n");
}

function leftColumn(row: Option): string {
  const word = TYPE_WORD[row.type];
  return `  ${row.short === undefined ? "   " : `-${row.short},`} --${row.name}${word === "" ? "" : ` ${word}`}`;
}

function defaultText(row: Option): string {
  switch (row.type) {
    case "string":
      return row.default === "" ? "" : ` (default ${JSON.stringify(row.default)})`;
    case "strings":
      return row.default.length === 0 ? "" : ` (default [${row.default.join(",")}])`;
    case "map":
      return ` (default [${Object.entries(row.default).map(([key, value]) => `${key}=${value}`)}])`;
    case "bool":
      return row.default ? " (default true)" : "";
    case "duration":
      return row.default === 0 ? "" : ` (default ${formatDuration(row.default)})`;
    default:
      return row.default === 0 ? "" : ` (default ${row.default})`;
  }
}
