/** The shape of a program: its commands with their options. */
import type { Options } from "../options/option.ts";

export interface Program {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly name: string;
  /** One line; help begins with it unless there is a `description`. */
  readonly summary: string;
  readonly description?: string;
  readonly options: Options;
  readonly commands?: readonly Command[];
  /** A wrong flag is told with the usage; the long ones tell it in the log only. */
  readonly tellsUsage?: boolean;
}
