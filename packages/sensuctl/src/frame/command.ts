import type { Options, ResolvedOptions } from "@sensu-ts/core";
import type { Session, Streams } from "./session.ts";

/** What must be configured before a command may run (C-7, C-8). */
export type Needs = "credentials" | "url" | "nothing";

export interface CommandRow<R extends Options> {
  readonly name: string;
  /** One line for lists of commands. */
  readonly summary: string;
  /** Above the usage line of `--help`; the summary when absent. */
  readonly description?: string;
  /** Arguments as the usage line shows them, e.g. `[NAME]`. */
  readonly usage?: string;
  readonly aliases?: readonly string[];
  readonly flags?: R;
  /** `credentials` when absent. */
  readonly needs?: Needs;
  /** Fewest and most arguments; none when absent. */
  readonly args?: readonly [number, number];
  /** Text instead of `invalid argument(s) received`. */
  readonly argsError?: (args: readonly string[]) => string;
  /** Names of flags that must be given unless `--interactive` is (C-64). */
  readonly required?: readonly string[];
  /** Resolves with the exit code; nothing is 0. */
  run(session: Session, flags: ResolvedOptions<R>): Promise<number | undefined>;
}

/** A command that does something. */
export interface Leaf extends CommandRow<Options> {
  readonly kind: "leaf";
}

/** A command that only has sub-commands. */
export interface Group {
  readonly kind: "group";
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Leaf[];
}

/** A program with a command line of its own, which gets every word after its name. */
export interface Program {
  readonly kind: "program";
  readonly name: string;
  readonly summary: string;
  /** Names of its commands, for completion. */
  readonly commands: readonly string[];
  run(argv: readonly string[], streams: Streams): Promise<number>;
}

export type Command = Leaf | Group | Program;

/** Where a command is found without loading it: help and completion of the root need no more. */
export interface Registration {
  readonly kind: Command["kind"];
  readonly summary: string;
  load(): Promise<{ readonly default: Command }>;
}

/** Keeps the names and types of the flags for `run`. */
export function leaf<const R extends Options = readonly []>(row: CommandRow<R>): Leaf {
  return { ...(row as unknown as CommandRow<Options>), kind: "leaf" };
}

export function group(name: string, summary: string, commands: readonly Leaf[]): Group {
  const sorted = [...commands].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: "group", name, summary, commands: sorted };
}
