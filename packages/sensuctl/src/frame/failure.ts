/** Ends a command with a code and, unless empty, an `Error:` line. Everything else that is thrown ends with 1. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** The command was called wrongly: its help goes to stdout first (C-3). */
export class Misuse extends Failure {}

/** Exit code of a wrongly used command with sub-commands: sysexits' EX_USAGE (C-4). */
export const EXIT_USAGE = 64;
