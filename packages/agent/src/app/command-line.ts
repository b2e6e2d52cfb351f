/** `sensu-agent COMMAND [flags]` (W-77, W-78). */
import { readFileSync } from "node:fs";
import { type ConfigFile, helpText, invalid, locateConfigFile, resolveOptions, SensuError } from "@sensu-ts/core";
import { AGENT_OPTIONS, DEFAULT_CONFIG_FILE, ENVIRONMENT_PREFIX } from "./options.ts";
import { type AgentSettings, agentSettings } from "./settings.ts";
import { versionLine } from "./version.ts";

/** The configuration file that was named cannot be used. */
export class ConfigFileError extends SensuError {
  constructor(reason: string) {
    super("invalid", reason);
  }
}

export type Invocation =
  | { readonly do: "print"; readonly text: string }
  | { readonly do: "start"; readonly settings: AgentSettings; readonly warnings: readonly string[] };

const HELP = `sensu agent

Usage:
  sensu-agent [command]

Available Commands:
  help        Help about any command
  start       start the sensu agent
  version     Show the sensu-agent version information

Flags:
  -h, --help   help for sensu-agent

Use "sensu-agent [command] --help" for more information about a command.
`;

const START = { command: "sensu-agent start", summary: "start the sensu agent" };
const VERSION_HELP = `Show the sensu-agent version information

Usage:
  sensu-agent version [flags]

Flags:
  -h, --help   help for version
`;

/** `argv` without program names. Throws `SensuError` with the public reason. */
export function readCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const [word, ...rest] = argv;
  const command = word === "help" ? rest[0] : word;
  const wantsHelp = word === "help" || rest.includes("--help") || rest.includes("-h");
  if (word === "help" && command !== undefined && command !== "start" && command !== "version") {
    return { do: "print", text: `Unknown help topic [\`${command}\`]\n${HELP}` };
  }
  switch (command) {
    case undefined:
    case "-h":
    case "--help":
      return { do: "print", text: HELP };
    case "version":
      if (!wantsHelp) refuseFirst(resolveOptions([], { argv: rest, env, envPrefix: ENVIRONMENT_PREFIX }).errors);
      return { do: "print", text: wantsHelp ? VERSION_HELP : `${versionLine("sensu-agent")}\n` };
    case "start":
      return wantsHelp ? { do: "print", text: helpText(START, AGENT_OPTIONS) } : start(rest, env);
    default:
      throw invalid(`unknown command ${JSON.stringify(command)} for "sensu-agent"`);
  }
}

function start(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Invocation {
  const given = { argv, env, envPrefix: ENVIRONMENT_PREFIX };
  const warnings: string[] = [];
  const file = readConfigFile(locateConfigFile(AGENT_OPTIONS, given, DEFAULT_CONFIG_FILE), warnings);
  const resolution = resolveOptions(AGENT_OPTIONS, file === undefined ? given : { ...given, file });
  warnings.push(...resolution.warnings);
  if (resolution.fileError !== undefined) throw new ConfigFileError(resolution.fileError);
  refuseFirst(resolution.errors);
  return { do: "start", settings: agentSettings(resolution.values, resolution.origins, warnings), warnings };
}

function refuseFirst([error]: readonly string[]): void {
  if (error !== undefined) throw invalid(error);
}

/** A missing file at the default place is no fault; an unreadable one is worth a word. */
function readConfigFile(where: { path: string; explicit: boolean }, warnings: string[]): ConfigFile | undefined {
  try {
    return { ...where, text: readFileSync(where.path, "utf8") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Node's text is `ENOENT: no such file or directory, open '/path'`.
    const reason = `open ${where.path}: ${/^\w+: (.*), \w+/.exec(message)?.[1] ?? message}`;
    if (where.explicit) throw new ConfigFileError(reason);
    if (code !== "ENOENT") warnings.push(`configuration file is ignored: ${reason}`);
    return undefined;
  }
}
