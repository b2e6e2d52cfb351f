/** `sensu-agent COMMAND [flags]` (W-77, W-78). */
import { readFileSync } from "node:fs";
import {
  type ConfigFile,
  invalid,
  locateConfigFile,
  type Program,
  type Reading,
  readProgram,
  resolveOptions,
  SensuError,
} from "@sensu-ts/core";
import { openError } from "@sensu-ts/runtime";
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
  | Exclude<Reading, { readonly do: "run" }>
  | { readonly do: "start"; readonly settings: AgentSettings; readonly warnings: readonly string[] };

const PROGRAM: Program = {
  name: "sensu-agent",
  summary: "sensu agent",
  commands: [
    { name: "start", summary: "start the sensu agent", options: AGENT_OPTIONS },
    { name: "version", summary: "Show the sensu-agent version information", options: [], tellsUsage: true },
  ],
};

/** `argv` without program names. Throws `SensuError` with the public reason. */
export function readCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const reading = readProgram(PROGRAM, argv);
  if (reading.do !== "run") return reading;
  if (reading.command === "start") return start(reading.argv, env);
  return { do: "print", to: "stdout", text: `${versionLine(PROGRAM.name)}\n` };
}

function start(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Invocation {
  const given = { argv, env, envPrefix: ENVIRONMENT_PREFIX };
  const warnings: string[] = [];
  const file = readConfigFile(locateConfigFile(AGENT_OPTIONS, given, DEFAULT_CONFIG_FILE), warnings);
  const resolution = resolveOptions(AGENT_OPTIONS, file === undefined ? given : { ...given, file });
  warnings.push(...resolution.warnings);
  if (resolution.fileError !== undefined) throw new ConfigFileError(resolution.fileError);
  const [error] = resolution.errors;
  if (error !== undefined) throw invalid(error);
  return { do: "start", settings: agentSettings(resolution.values, resolution.origins, warnings), warnings };
}

/** A missing file at the default place is no fault; an unreadable one is worth a word. */
function readConfigFile(where: { path: string; explicit: boolean }, warnings: string[]): ConfigFile | undefined {
  try {
    return { ...where, text: readFileSync(where.path, "utf8") };
  } catch (error) {
    const reason = openError(where.path, error);
    if (where.explicit) throw new ConfigFileError(reason);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") warnings.push(`configuration file is ignored: ${reason}`);
    return undefined;
  }
}
