/** Options of the `sensu-pki` commands. */
import { parseArgs } from "node:util";
import { failure } from "../errors.ts";
import { readFile } from "../files.ts";
import type { Io } from "../io.ts";
import { openDirectory, type PkiDirectory } from "./directory.ts";

export type OptionKinds = Readonly<Record<string, { type: "string" | "boolean"; multiple?: boolean; short?: string }>>;

const EVERYWHERE = {
  dir: { type: "string" },
  "passphrase-file": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const satisfies OptionKinds;

export interface Arguments {
  text(name: string): string | undefined;
  texts(name: string): string[];
  on(name: string): boolean;
  /** A positive whole number. */
  count(name: string): number | undefined;
  words: string[];
  io: Io;
  directory: PkiDirectory;
  /** Of the CA's key, from the file of `--passphrase-file` or SENSU_PKI_PASSPHRASE_FILE. */
  passphrase(): string | undefined;
}

export interface PkiCommand {
  usage: readonly string[];
  options: OptionKinds;
  /** The exit code. */
  run(args: Arguments): Promise<number> | number;
}

export const switchOption = { type: "boolean" } as const;
export const textOption = { type: "string" } as const;
export const listOption = { type: "string", multiple: true } as const;

export class UsageError extends Error {}

export function readArguments(words: readonly string[], kinds: OptionKinds, io: Io): Arguments {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...words],
      options: { ...EVERYWHERE, ...kinds },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  const text = (name: string): string | undefined => values[name] as string | undefined;
  return {
    text,
    texts: (name) =>
      ((values[name] as string[] | undefined) ?? []).flatMap((one) => one.split(",")).filter((one) => one !== ""),
    on: (name) => values[name] === true,
    count: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^[1-9]\d{0,5}$/.test(value)) throw new UsageError(`--${name} needs a positive whole number`);
      return Number(value);
    },
    words: positionals,
    io,
    directory: openDirectory(text("dir") ?? io.env["SENSU_PKI_DIR"] ?? "/etc/sensu/tls"),
    passphrase: () => {
      const file = text("passphrase-file") ?? io.env["SENSU_PKI_PASSPHRASE_FILE"];
      if (file === undefined) return undefined;
      const passphrase = readFile(file).replace(/\r?\n$/, "");
      if (passphrase === "") throw failure(`${file} holds no passphrase`);
      return passphrase;
    },
  };
}

/** A number of days with a unit as in `30d`, or without. */
export function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, days] = /^(\d{1,5})d?$/.exec(text) ?? [];
  if (days === undefined) throw new UsageError(`${JSON.stringify(text)} is no number of days`);
  return Number(days);
}
