/** What every subcommand of `cfssl` gets, and the files several of them read. */
import { type Authority, createAuthority } from "../ca.ts";
import { readCertificate, serialDecimal } from "../cert.ts";
import { failure, PkiError } from "../errors.ts";
import { readFile } from "../files.ts";
import { classifyHosts, type Hosts } from "../hosts.ts";
import type { Io } from "../io.ts";
import { readPrivateKey } from "../keys.ts";
import { defaultProfile, findProfile, type Profile, readConfig, type SigningConfig } from "../profiles.ts";
import type { FlagKinds, Flags } from "./flags.ts";
import type { Log } from "./log.ts";

export interface Context {
  flags: Flags;
  io: Io;
  log: Log;
}

export interface Command {
  /** Shape of the command line, one a line. */
  usage: readonly string[];
  flags: FlagKinds;
  run(context: Context): Promise<void> | void;
}

/** Takes the next word; the file it names, or standard input for `-`. */
export async function readArgument(context: Context): Promise<string> {
  const name = context.flags.rest.shift();
  if (name === undefined) throw failure("not enough arguments are supplied --- please refer to the usage");
  return name === "-" ? context.io.input() : readFile(name);
}

/** `path`, `file:path` or `env:VAR` with the content in the variable (S-56). */
export function readSource(source: string, io: Io, pkiNumber: number): string {
  const colon = source.indexOf(":");
  if (colon < 0) return readFile(source, pkiNumber);
  const prefix = source.slice(0, colon);
  const rest = source.slice(colon + 1);
  if (prefix === "file") return readFile(rest, pkiNumber);
  if (prefix !== "env") throw failure(`unknown prefix: ${prefix}`);
  const content = io.env[rest];
  if (content === undefined || content === "") throw new PkiError(pkiNumber, `environment variable ${rest} is empty`);
  return content;
}

export function readKeySource(source: string, io: Io, pkiNumber = 2001): ReturnType<typeof readPrivateKey> {
  return readPrivateKey(readSource(source, io, pkiNumber), io.env["CFSSL_CA_PK_PASSWORD"]);
}

/** The CA of `-ca` and `-ca-key`; `mismatch` is the number of a key that is not the certificate's. */
export function readAuthority({ flags, io }: Context, mismatch = 1000): Authority {
  if (flags.text("ca") === "") throw new PkiError(2000, "need a CA certificate (provide one with -ca)");
  if (flags.text("ca-key") === "") throw new PkiError(2000, "need a CA key (provide one with -ca-key)");
  const certificate = readCertificate(readSource(flags.text("ca"), io, 0));
  // The number is that of certificates, for a key too.
  return createAuthority(certificate, readKeySource(flags.text("ca-key"), io, 1001), mismatch);
}

/** A configuration that cannot be used. */
export class ConfigError extends PkiError {}

/** The configuration of `-config`. */
export function readConfigFlag({ flags }: Context): SigningConfig | undefined {
  const file = flags.text("config");
  if (file === "") return undefined;
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    throw new ConfigError(5200, "could not read configuration file", { cause: error });
  }
  try {
    return readConfig(text);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new ConfigError(error.pkiNumber, error.message, { cause: error });
  }
}

/** An unknown profile is the default one, as in cfssl, but not without a word (S-32). */
export function chooseProfile({ flags, log }: Context, config: SigningConfig | undefined): Profile {
  const name = flags.text("profile");
  if (config === undefined) return defaultProfile();
  const profile = findProfile(config, name);
  if (profile !== undefined) return profile;
  log("WARNING", `there is no profile ${JSON.stringify(name)}: the default one is used, check its usages`);
  return config.default;
}

/** `-hostname` split at commas, nothing trimmed; undefined when it is empty (S-51). */
export function hostnames(text: string): string[] | undefined {
  return text === "" ? undefined : text.split(",");
}

export function hostsFlag(flags: Flags): Hosts | undefined {
  const names = hostnames(flags.text("hostname"));
  return names && classifyHosts(names);
}

export function logSigned(log: Log, pem: string): void {
  log("INFO", `signed certificate with serial number ${serialDecimal(readCertificate(pem).serial)}`);
}

export function warnWithoutHosts(log: Log): void {
  log("WARNING", 'This certificate lacks a "hosts" field: no host name or address is valid for it.');
}

/** One line of JSON, keys in order (S-66). */
export function printResult(io: Io, result: { cert?: string; csr?: string; key?: string }): void {
  io.out(`${JSON.stringify(result)}\n`);
}
