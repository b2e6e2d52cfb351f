/** The command line of `sensu-pki` (S-72 to S-86). */
import { PkiError } from "../errors.ts";
import type { Io } from "../io.ts";
import { type PkiCommand, readArguments, UsageError } from "./arguments.ts";
import { check } from "./check.ts";
import { doctor } from "./doctor/doctor.ts";
import { init } from "./init.ts";
import { issue, sign } from "./issue.ts";
import { jwtKeys } from "./jwt-keys.ts";
import { list } from "./list.ts";
import { names } from "./names.ts";
import { renew, renewCaCommand } from "./renew.ts";
import { crl, revoke } from "./revoke.ts";
import { trust } from "./trust.ts";

const COMMANDS: ReadonlyMap<string, PkiCommand> = new Map([
  ["init", init],
  ["issue", issue],
  ["sign", sign],
  ["list", list],
  ["check", check],
  ["renew", renew],
  ["renew-ca", renewCaCommand],
  ["revoke", revoke],
  ["crl", crl],
  ["doctor", doctor],
  ["trust", trust],
  ["jwt-keys", jwtKeys],
  ["names", names],
]);

export const PKI_COMMANDS: readonly string[] = [...COMMANDS.keys()];

/** Commands that a monitoring system may run: what they cannot do is "unknown" or an error of their own. */
const FAILURE: Readonly<Record<string, number>> = { check: 3, doctor: 2 };

function usage(commands: Iterable<PkiCommand>): string {
  const lines = [...commands].flatMap((command) => command.usage.map((line) => `  sensu-pki ${line}\n`));
  return `Usage:\n${lines.join("")}Everywhere: --dir FOLDER (or SENSU_PKI_DIR; /etc/sensu/tls), --passphrase-file FILE of the CA's key\n`;
}

/** Runs one command line; the exit code. */
export async function sensuPki(argv: readonly string[], io: Io): Promise<number> {
  const [name = "", ...words] = argv;
  if (["", "help", "-h", "--help"].includes(name)) {
    (name === "" ? io.err : io.out)(usage(COMMANDS.values()));
    return name === "" ? 1 : 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    io.err(`sensu-pki: there is no command ${JSON.stringify(name)}\n${usage(COMMANDS.values())}`);
    return 1;
  }
  try {
    const args = readArguments(words, command.options, io);
    if (args.on("help")) {
      io.out(usage([command]));
      return 0;
    }
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) io.err(`sensu-pki: ${error.message}\n${usage([command])}`);
    else if (error instanceof PkiError) io.err(`sensu-pki: ${error.message}\n`);
    // A refusal of the system, such as a directory that this user may not write.
    else if ((error as NodeJS.ErrnoException).syscall !== undefined) io.err(`sensu-pki: ${(error as Error).message}\n`);
    else throw error;
    return FAILURE[name] ?? 1;
  }
}
