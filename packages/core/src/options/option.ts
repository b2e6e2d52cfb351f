/**
 * One row an option: flags, environment, YAML, `--help` and the reference pages derive from it (W-79, B-301 to B-311).
 * The option's name is its flag and its YAML key; the environment name is the program's prefix and the name in capitals.
 */
export interface OptionValues {
  string: string;
  bool: boolean;
  /** Whole number, negative allowed. */
  int: number;
  uint: number;
  uint32: number;
  float: number;
  /** Milliseconds in memory; Go's duration text outside. */
  duration: number;
  strings: readonly string[];
  map: Readonly<Record<string, string>>;
}
export type OptionType = keyof OptionValues;
export type OptionSource = "flag" | "env" | "file";
export type OptionOrigin = OptionSource | "default";

interface Row<T extends OptionType> {
  readonly name: string;
  readonly type: T;
  readonly default: OptionValues[T];
  readonly help: string;
  /** Heading in `--help`, such as `Store`; rows without one stand under `General` when any other row has one. */
  readonly group?: string;
  /** First version of ours that had it. */
  readonly since?: string;
  /** One letter. */
  readonly short?: string;
  /** Former names, still read as flags and YAML keys, with a warning. */
  readonly deprecated?: readonly string[];
  /** Whole environment names read besides the derived one. */
  readonly env?: readonly string[];
  /** Where the option may come from; everywhere when absent. */
  readonly sources?: readonly OptionSource[];
  /** Durations: a bare number, and any amount under a second, counts seconds (B-224, B-240, B-311). */
  readonly countsSeconds?: boolean;
}
export type Option = { [T in OptionType]: Row<T> }[OptionType];
export type Options = readonly Option[];

/** What the program runs with: every option, typed. */
export type ResolvedOptions<R extends Options> = {
  readonly [O in R[number] as O["name"]]: OptionValues[O["type"]];
};

/** Checks the rows' types and keeps their names and types as literals. */
export function defineOptions<const R extends Options>(rows: R): R {
  return rows;
}

export function environmentName(prefix: string, option: string): string {
  return prefix + option.toUpperCase().replaceAll("-", "_");
}

export function allowsSource(option: Option, source: OptionSource): boolean {
  return option.sources === undefined || option.sources.includes(source);
}
