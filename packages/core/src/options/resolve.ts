/** Flag over environment over file over default (B-301, W-79). Pure: everything read comes in as text. */
import { parseConfigFile } from "./config-file.ts";
import { readFlags } from "./flags.ts";
import { nearOptions } from "./near.ts";
import {
  allowsSource,
  environmentName,
  type Option,
  type OptionOrigin,
  type Options,
  type OptionType,
  type OptionValues,
  type ResolvedOptions,
} from "./option.ts";
import { BadValue, type FileValue, type ReadValue, readEnvironment, readFileValue, readFlag } from "./value.ts";

/** What the user gave. */
export interface GivenOptions {
  /** What follows the command word. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Such as `SENSU_BACKEND_`. */
  readonly envPrefix: string;
  /** Absent when there is no file to read. */
  readonly file?: ConfigFile;
}

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Named by the user. What is wrong in a file at the default place is only warned about (W-78, B-303). */
  readonly explicit: boolean;
}

export interface Resolution<R extends Options> {
  readonly values: ResolvedOptions<R>;
  readonly origins: { readonly [O in R[number] as O["name"]]: OptionOrigin };
  readonly warnings: readonly string[];
  /** Any makes the program exit with 1; the first is the one to show. */
  readonly errors: readonly string[];
  /** What is wrong with the file that the user named; the first of `errors` then. */
  readonly fileError: string | undefined;
  /** Positional words. */
  readonly rest: readonly string[];
  /** `-h` or `--help` was given; it goes before errors. */
  readonly help: boolean;
}

export function resolveOptions<const R extends Options>(rows: R, given: GivenOptions): Resolution<R> {
  const flags = readFlags(rows, given.argv);
  const warnings = [...flags.warnings];
  const errors: string[] = [];
  const file = readFile(rows, given.file, warnings, errors);
  const [fileError] = errors;
  errors.push(...flags.errors);
  const values: Record<string, OptionValues[OptionType]> = {};
  const origins: Record<string, OptionOrigin> = {};

  for (const row of rows) {
    const found = find(row, flags.given, given, file, warnings);
    values[row.name] = row.default;
    origins[row.name] = "default";
    if (found === undefined) continue;
    try {
      const { value, remark } = found.read();
      values[row.name] = value;
      origins[row.name] = found.origin;
      if (remark !== undefined) warnings.push(`${found.where}: ${remark}`);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      // A flag's error is worded as the original words it; scripts and people know that text.
      errors.push(
        found.origin === "flag"
          ? `invalid argument ${JSON.stringify(found.text)} for "${found.where}" flag: ${error.message}`
          : `invalid value of ${found.where}: ${error.message}`,
      );
    }
  }
  return {
    values: Object.freeze(values) as ResolvedOptions<R>,
    origins: Object.freeze(origins) as Resolution<R>["origins"],
    warnings,
    errors,
    fileError,
    rest: flags.rest,
    help: flags.help,
  };
}

/** Where the configuration file is: the row `config-file` from flag, else environment, else `fallback`. */
export function locateConfigFile(
  rows: Options,
  given: Pick<GivenOptions, "argv" | "env" | "envPrefix">,
  fallback: string,
): { path: string; explicit: boolean } {
  const path =
    readFlags(rows, given.argv).given.get("config-file")?.at(-1) ||
    given.env[environmentName(given.envPrefix, "config-file")];
  return path ? { path, explicit: true } : { path: fallback, explicit: false };
}

interface Found {
  readonly origin: OptionOrigin;
  /** How the user knows the place: flag, environment name or file key. */
  readonly where: string;
  readonly text: string;
  read(): ReadValue;
}

function find(
  row: Option,
  flags: ReadonlyMap<string, readonly string[]>,
  given: GivenOptions,
  file: ReadonlyMap<string, FileValue>,
  warnings: string[],
): Found | undefined {
  const texts = flags.get(row.name);
  if (texts !== undefined) {
    const where = row.short === undefined ? `--${row.name}` : `-${row.short}, --${row.name}`;
    return { origin: "flag", where, text: texts.at(-1) ?? "", read: () => readFlag(row, texts) };
  }
  if (allowsSource(row, "env")) {
    for (const name of [environmentName(given.envPrefix, row.name), ...(row.env ?? [])]) {
      // B-304: set to nothing counts as unset.
      const text = given.env[name];
      if (text) return { origin: "env", where: name, text, read: () => readEnvironment(row, text) };
    }
  }
  if (!allowsSource(row, "file")) return undefined;
  for (const key of [row.name, ...(row.deprecated ?? [])]) {
    const value = file.get(key);
    if (value === undefined || value === null) continue;
    if (key !== row.name) warnings.push(`config option ${key} is deprecated, use ${row.name} instead`);
    return { origin: "file", where: key, text: "", read: () => readFileValue(row, value) };
  }
  return undefined;
}

function readFile(
  rows: Options,
  file: ConfigFile | undefined,
  warnings: string[],
  errors: string[],
): ReadonlyMap<string, FileValue> {
  if (file === undefined) return new Map();
  try {
    const values = parseConfigFile(file.text);
    const known = new Set(
      rows.flatMap((row) => (allowsSource(row, "file") ? [row.name, ...(row.deprecated ?? [])] : [])),
    );
    for (const key of values.keys()) {
      if (known.has(key)) continue;
      const near = nearOptions(key, known);
      const meant = near.length > 0 ? `; did you mean ${near.join(", ")}?` : "";
      warnings.push(`unknown option ${key} in ${file.path} is ignored${meant}`);
    }
    return values;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const text = `invalid configuration file ${file.path}: ${error.message}`;
    if (file.explicit) errors.push(text);
    else warnings.push(`${text}; it is ignored`);
    return new Map();
  }
}
