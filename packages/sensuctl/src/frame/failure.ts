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

/** A failed call of the file system in the words of the original. */
export function fileFailure(action: string, file: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    ENOTDIR: "not a directory",
    EISDIR: "is a directory",
    ELOOP: "too many levels of symbolic links",
  };
  return new Failure(`${action} ${file}: ${reasons[code ?? ""] ?? message}`);
}
