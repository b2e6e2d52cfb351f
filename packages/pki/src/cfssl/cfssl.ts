/** The command line of `cfssl` (S-56 to S-69). */
import { PkiError } from "../errors.ts";
import type { Io } from "../io.ts";
import { certinfo } from "./certinfo.ts";
import { type Command, ConfigError } from "./command.ts";
import { printDefaults } from "./defaults.ts";
import { FlagError, parseFlags } from "./flags.ts";
import { gencert, gencsr, genkey, SilentFailure, selfsign, sign } from "./gencert.ts";
import { gencrl } from "./gencrl.ts";
import { createLog } from "./log.ts";
import { versionText } from "./version.ts";

const version: Command = { usage: ["cfssl version"], flags: {}, run: ({ io }) => io.out(versionText()) };

const COMMANDS: Readonly<Record<string, Command>> = {
  certinfo,
  gencert,
  gencrl,
  gencsr,
  genkey,
  "print-defaults": printDefaults,
  selfsign,
  sign,
  version,
};

/** cfssl's own that need a server or a database; what to use instead (S-65). */
const ELSEWHERE: Readonly<Record<string, string>> = {
  bundle: "sensu-pki check verifies a chain",
  info: "sensu-pki list shows the certificates of a CA",
  revoke: "sensu-pki revoke",
  crl: "sensu-pki crl",
  ocspdump: "sensu-pki revoke and sensu-pki crl publish revocations",
  ocsprefresh: "sensu-pki revoke and sensu-pki crl publish revocations",
  ocspserve: "sensu-pki revoke and sensu-pki crl publish revocations",
  ocspsign: "sensu-pki revoke and sensu-pki crl publish revocations",
  serve: "sensu-pki issue and sensu-pki sign work without a server",
  scan: "sensu-pki check --connect HOST:PORT",
};

function commandList(): string {
  return `Usage:\nAvailable commands:\n${Object.keys(COMMANDS)
    .map((name) => `\t${name}\n`)
    .join("")}`;
}

function usageOf(command: Command): string {
  const flags = Object.entries(command.flags).map(
    ([name, kind]) => `  -${name}${kind === "boolean" ? "" : ` ${kind}`}\n`,
  );
  return `Usage:\n${command.usage.map((line) => `  ${line}\n`).join("")}${flags.length > 0 ? `Flags:\n${flags.join("")}` : ""}`;
}

/** Runs one command line; the exit code. */
export async function cfssl(argv: readonly string[], io: Io): Promise<number> {
  const [name = "", ...words] = argv;
  if (name === "" || name.startsWith("-")) {
    io.err(`No command is given.\n${commandList()}`);
    return ["-h", "-help", "--help"].includes(name) ? 0 : 1;
  }
  const elsewhere = ELSEWHERE[name];
  if (elsewhere !== undefined) {
    io.err(`cfssl ${name} is not part of this program: ${elsewhere}\n`);
    return 1;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    io.err(`Command ${name} is not defined.\n${commandList()}`);
    return 1;
  }
  return runCommand(command, words, io);
}

async function runCommand(command: Command, words: readonly string[], io: Io): Promise<number> {
  if (["-h", "-help", "--help"].includes(words[0] ?? "")) {
    io.err(usageOf(command));
    return 0;
  }
  try {
    const flags = parseFlags(words, command.flags);
    // Without the flag INFO is the lowest level.
    const level = words.some((word) => /^--?loglevel\b/.test(word)) ? flags.number("loglevel") : 1;
    await command.run({ flags, io, log: createLog(io, level) });
    return 0;
  } catch (error) {
    if (error instanceof FlagError) {
      io.err(`${error.message}\n${usageOf(command)}`);
      return 2;
    }
    if (error instanceof SilentFailure) return 1;
    if (!(error instanceof PkiError)) throw error;
    // cfssl ends this one line without a newline (S-33).
    io.err(error instanceof ConfigError ? `Failed to load config file: ${error.line}` : `${error.line}\n`);
    return 1;
  }
}
