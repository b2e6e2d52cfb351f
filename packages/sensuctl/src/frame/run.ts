/** From the words of the command line to an exit code (sensuctl.md 1). */
import {
  environmentName,
  formatDuration,
  type Options,
  parseDuration,
  type ResolvedOptions,
  resolveOptions,
} from "@sensu-ts/core";
import { resolveSettings } from "../config/settings.ts";
import { COMMANDS } from "../registrations.ts";
import type { Group, Leaf } from "./command.ts";
import { EXIT_USAGE, Failure, Misuse } from "./failure.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { groupHelp, leafHelp } from "./help.ts";
import { locate, suggestions, unknownCommand } from "./locate.ts";
import { refuseIfNotYet } from "./not-yet.ts";
import { rootHelp } from "./root-help.ts";
import { Session, type Streams } from "./session.ts";

const PREFIX = "SENSU_";

type Env = Readonly<Record<string, string | undefined>>;

const BOOLEANS = new Set([
  ...GLOBAL_FLAGS.filter((row) => row.type === "bool").map((row) => row.name as string),
  "help",
  "h",
]);

/** Runs the command that `argv` (without the program) names. Never throws: failures are written to `streams.err`. */
export async function run(argv: readonly string[], env: Env, streams: Streams): Promise<number> {
  try {
    return await dispatch(argv, env, streams);
  } catch (error) {
    if (error instanceof Failure) {
      if (error.message !== "") streams.err(`Error: ${error.message}\n`);
      return error.exitCode;
    }
    streams.err(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function dispatch(argv: readonly string[], env: Env, streams: Streams): Promise<number> {
  const first = locate(argv, BOOLEANS);
  if (first.word === "help") return explain(first.rest, streams);
  if (first.word === undefined) {
    const { session, help } = open([], first.rest, env, streams);
    if (!help) await requireConfiguration(session, "credentials");
    streams.out(rootHelp());
    return 0;
  }
  const registration = Object.hasOwn(COMMANDS, first.word) ? COMMANDS[first.word] : undefined;
  if (registration === undefined) {
    refuseIfNotYet(first.word);
    throw new Failure(unknownCommand(first.word, "sensuctl", suggestions(first.word, Object.keys(COMMANDS))));
  }
  const command = (await registration.load()).default;
  const path = `sensuctl ${command.name}`;
  if (command.kind === "program") return command.run(first.rest, streams);
  if (command.kind === "leaf") return runLeaf(path, command, first.rest, env, streams);

  const second = locate(first.rest, BOOLEANS);
  const sub = findIn(command, second.word);
  if (sub !== undefined) return runLeaf(`${path} ${sub.name}`, sub, second.rest, env, streams);
  refuseIfNotYet(`${command.name} ${second.word}`);
  return misused(path, command, first.rest, env, streams);
}

function findIn(command: Group, word: string | undefined): Leaf | undefined {
  return command.commands.find(({ name, aliases }) => word !== undefined && (name === word || aliases?.includes(word)));
}

/** A command with sub-commands called without one, with an unknown one, or with `help` (C-5). */
async function misused(path: string, command: Group, argv: readonly string[], env: Env, streams: Streams) {
  const { session, help } = open([], argv, env, streams);
  const text = groupHelp(path, command.summary, command.commands, GLOBAL_FLAGS);
  if (help) {
    streams.out(text);
    return 0;
  }
  await requireConfiguration(session, "credentials");
  const [word] = session.args;
  if (word === undefined) {
    streams.err(text);
    return EXIT_USAGE;
  }
  if (session.args.every((arg) => arg === "help")) {
    streams.out(text);
    return 0;
  }
  const names = command.commands.map(({ name }) => name);
  throw new Failure(unknownCommand(session.args.join(" "), path, suggestions(word, names)), EXIT_USAGE);
}

async function runLeaf(path: string, command: Leaf, argv: readonly string[], env: Env, streams: Streams) {
  const { session, help, flags } = open(command.flags ?? [], argv, env, streams);
  const helpText = () => leafHelp(path, command, GLOBAL_FLAGS);
  if (help) {
    streams.out(helpText());
    return 0;
  }
  await requireConfiguration(session, command.needs ?? "credentials");
  requireFlags(command, session, flags);
  const [fewest, most] = command.args ?? [0, 0];
  try {
    if (session.args.length < fewest || session.args.length > most) {
      throw new Misuse(command.argsError?.(session.args) ?? "invalid argument(s) received");
    }
    return (await command.run(session, flags)) ?? 0;
  } catch (error) {
    if (error instanceof Misuse) streams.out(helpText());
    throw error;
  } finally {
    await session.close();
  }
}

/** Reads flags, environment and files. Throws for the first flag that is wrong. */
function open(own: Options, argv: readonly string[], env: Env, streams: Streams) {
  const shadowed = new Set(own.map((row) => row.name));
  const rows: Options = [...own, ...GLOBAL_FLAGS.filter((row) => !shadowed.has(row.name))];
  const known = usable(env, rows);
  const resolved = resolveOptions(rows, { argv, env: known, envPrefix: PREFIX });
  if (!resolved.help && resolved.errors[0] !== undefined) throw new Failure(resolved.errors[0]);
  const given = givenIn(resolved.origins);
  if (given("cache-dir") && !resolved.help) {
    streams.err("warning: --cache-dir has no effect: this version has no command plugins and caches nothing\n");
  }

  // A command's own flag hides the global one of its name, as `check create --timeout`; the variable still counts.
  const globals = resolveOptions(GLOBAL_FLAGS, { argv: [], env: known, envPrefix: PREFIX });
  const visible = GLOBAL_FLAGS.filter(({ name }) => !shadowed.has(name)).map(({ name }) => [
    name,
    valueIn(resolved, name),
  ]);
  const values = { ...globals.values, ...Object.fromEntries(visible) } as ResolvedOptions<typeof GLOBAL_FLAGS>;
  const globalGiven = givenIn(globals.origins);
  const settings = resolveSettings(values, (name) => (shadowed.has(name) ? globalGiven(name) : given(name)));

  const session = new Session({ args: resolved.rest, commands: COMMANDS, settings, streams, given });
  return { session, help: resolved.help, flags: resolved.values as never };
}

const valueIn = ({ values }: { readonly values: object }, name: string) => (values as Record<string, unknown>)[name];

function givenIn(origins: object): (name: string) => boolean {
  const known = origins as Readonly<Record<string, string>>;
  return (name) => known[name] !== undefined && known[name] !== "default";
}

/** A variable that cannot be read counts as false, a timeout as the default (C-13, C-14). */
function usable(env: Env, rows: Options): Env {
  const known: Record<string, string | undefined> = { ...env };
  for (const { name, type } of rows) {
    const variable = environmentName(PREFIX, name);
    const text = known[variable];
    if (!text) continue;
    if (type === "bool" && !/^(1|0|[tTfF]|true|True|TRUE|false|False|FALSE)$/.test(text)) known[variable] = "false";
    if (name === "timeout" && parseDuration(text) === undefined) known[variable] = formatDuration(15_000);
  }
  return known;
}

async function requireConfiguration(session: Session, needs: "credentials" | "url" | "nothing"): Promise<void> {
  if (needs === "nothing") return;
  if (session.settings.apiUrl === "") {
    throw new Failure(
      'No API URL is defined. You can either configure an API URL by running "sensuctl configure" ' +
        "or by using the --api-url command line option",
    );
  }
  if (needs === "credentials" && session.settings.apiKey === "" && !session.tokens()?.access_token) {
    throw new Failure(
      'Unable to locate credentials. You can either configure credentials by running "sensuctl configure" ' +
        "or by using the --api-key command line option",
    );
  }
}

function requireFlags(command: Leaf, session: Session, flags: Readonly<Record<string, unknown>>): void {
  if (flags["interactive"] === true) return;
  const missing = (command.required ?? []).filter((name) => !session.given(name)).sort();
  if (missing.length === 0) return;
  throw new Failure(`required flag(s) ${missing.map((name) => JSON.stringify(name)).join(", ")} not set`);
}

/** `sensuctl help [COMMAND [SUBCOMMAND]]`. */
async function explain(words: readonly string[], streams: Streams): Promise<number> {
  const [name, subName] = words.filter((word) => !word.startsWith("-"));
  if (name === undefined) {
    streams.out(rootHelp());
    return 0;
  }
  const registration = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (registration === undefined) {
    refuseIfNotYet(name);
    streams.err(`Unknown help topic ${JSON.stringify(name)}\n${rootHelp()}`);
    return 0;
  }
  const command = (await registration.load()).default;
  if (command.kind === "program") return command.run([...(subName === undefined ? [] : [subName]), "--help"], streams);
  const path = `sensuctl ${command.name}`;
  if (command.kind === "leaf") streams.out(leafHelp(path, command, GLOBAL_FLAGS));
  else {
    const sub = findIn(command, subName);
    streams.out(
      sub === undefined
        ? groupHelp(path, command.summary, command.commands, GLOBAL_FLAGS)
        : leafHelp(`${path} ${sub.name}`, sub, GLOBAL_FLAGS),
    );
  }
  return 0;
}
