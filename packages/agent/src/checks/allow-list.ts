/** Commands that checks and hooks of this agent may run (section 16 of the agent specification, W-130 to W-133). */
import { createHash } from "node:crypto";
import { accessSync, constants, createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { invalid, type Json, parseJson, parseYaml } from "@sensu-ts/core";

export interface AllowedCommand {
  readonly exec: string;
  readonly args: readonly string[];
  /** Of the program, hexadecimal; empty: any. */
  readonly sha512: string;
  /** The check's own variables are set too. */
  readonly enableEnv: boolean;
}

/** What strict lists let through: a shell does nothing to it but part it at blanks. */
const PLAIN_WORD = /^[\w./:@%+,=-]+$/;

export class AllowList {
  readonly #allowed: readonly AllowedCommand[];
  readonly #strict: boolean;

  /** `strict`: words are compared whole, and commands that a shell would read in its own way do not run (S-403). */
  constructor(allowed: readonly AllowedCommand[], strict: boolean) {
    this.#allowed = allowed;
    this.#strict = strict;
  }

  /** Reads the file, YAML or JSON. Throws `invalid`. */
  static read(file: string, strict: boolean): AllowList {
    // As the original chooses its parser.
    if (!/\.ya?ml|\.json/.test(file)) throw invalid(`allow-list ${file}: invalid file extension`);
    let list: Json;
    try {
      const bytes = readFileSync(file);
      list = file.includes(".json") ? parseJson(bytes) : parseYaml(bytes.toString("utf8"));
    } catch (error) {
      throw invalid(`allow-list ${file}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    if (list !== null && !Array.isArray(list)) throw invalid(`allow-list ${file}: a list of commands is wanted`);
    return new AllowList(
      (list ?? []).map((entry, at) => readEntry(entry, `allow-list ${file}, entry ${at + 1}`)),
      strict,
    );
  }

  /** An empty list allows everything (W-130). */
  get isEmpty(): boolean {
    return this.#allowed.length === 0;
  }

  /** The first entry that covers the command, its tokens filled in. */
  match(command: string): AllowedCommand | undefined {
    return this.#allowed.find((allowed) =>
      this.#strict ? matchesWords(allowed, command) : matchesText(allowed, command),
    );
  }
}

function readEntry(entry: Json, where: string): AllowedCommand {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw invalid(`${where}: no object`);
  const fields = new Map(Object.entries(entry).map(([key, value]) => [key.toLowerCase(), value]));
  const text = (value: Json | undefined, what: string): string => {
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
    throw invalid(`${where}: ${what} is no text: put it in quotes`);
  };
  const exec = text(fields.get("exec"), "exec");
  if (exec === "") throw invalid(`${where}: exec cannot be empty`);
  const args = fields.get("args") ?? [];
  if (!Array.isArray(args)) throw invalid(`${where}: args is no list`);
  if (args.length === 0) throw invalid(`${where}: args cannot be empty`);
  const enableEnv = fields.get("enable_env") ?? false;
  if (typeof enableEnv !== "boolean") throw invalid(`${where}: enable_env is neither true nor false`);
  return {
    exec,
    args: args.map((item: Json) => text(item, "an item of args")),
    sha512: text(fields.get("sha512"), "sha512"),
    enableEnv,
  };
}

/** W-131: nothing but blanks is left without `exec` and the arguments, wherever they stand. */
function matchesText({ exec, args }: AllowedCommand, command: string): boolean {
  if (!command.includes(exec)) return false;
  let rest = command.replaceAll(exec, "");
  for (const item of args) rest = rest.replaceAll(item, "");
  return rest.trim() === "";
}

/** `exec`, then items of `args` in any order and number, word by word. */
function matchesWords({ exec, args }: AllowedCommand, command: string): boolean {
  const words = wordsOf(command);
  const start = wordsOf(exec);
  if (!words.every((word) => PLAIN_WORD.test(word)) || !beginsAt(words, 0, start)) return false;
  const items = args.map(wordsOf).filter((item) => item.length > 0);
  const reached = new Set([start.length]);
  // A set is walked through as it grows.
  for (const at of reached) {
    for (const item of items) if (beginsAt(words, at, item)) reached.add(at + item.length);
  }
  return reached.has(words.length);
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[ \t]+/).filter((word) => word !== "");
}

function beginsAt(words: readonly string[], at: number, item: readonly string[]): boolean {
  return item.every((word, i) => words[at + i] === word);
}

/** W-132: whether the program that the command begins with is the one whose hash is listed. */
export async function isListedProgram(
  { sha512 }: AllowedCommand,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (sha512 === "") return true;
  const program = findProgram(command.split(" ", 1)[0] ?? "", env["PATH"] ?? "");
  if (program === undefined) return false;
  const hash = createHash("sha512");
  try {
    await pipeline(createReadStream(program), hash);
  } catch {
    return false;
  }
  return hash.digest("hex") === sha512.toLowerCase();
}

function findProgram(word: string, searched: string): string | undefined {
  if (word === "") return undefined;
  const places = word.includes("/") ? [word] : searched.split(":").map((folder) => path.join(folder || ".", word));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}
