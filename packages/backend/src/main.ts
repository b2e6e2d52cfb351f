/** `sensu-backend`: reads the command word, hands over to the app. */
import { helpText, SensuError } from "@sensu-ts/core";
import { JsonLogger } from "@sensu-ts/runtime";
import { configure, idleFlags, resolve } from "./app/configuration.ts";
import { INIT_OPTIONS, START_OPTIONS, UPGRADE_OPTIONS } from "./app/options.ts";
import { VERSION } from "./app/version.ts";

const USAGE = `Usage:
  sensu-backend [command]

Available Commands:
  help        Help about any command
  init        initialize a new sensu installation
  start       start the sensu backend
  upgrade     upgrade the database to the current version
  version     Show the sensu-backend version information

Flags:
  -h, --help   help for sensu-backend

Use "sensu-backend [command] --help" for more information about a command.
`;

const SUMMARY = {
  start: "start the sensu backend",
  init: "initialize a new sensu installation",
  upgrade: "upgrade the database to the current version",
} as const;

function fatal(error: unknown): void {
  const text = error instanceof SensuError ? error.message : String((error as Error).stack ?? error);
  new JsonLogger({ level: "info", component: "backend" }).fatal({ error: text }, "error executing sensu-backend");
  process.exitCode = 1;
}

async function start(argv: readonly string[]): Promise<void> {
  const resolution = resolve(START_OPTIONS, { argv, env: process.env });
  if (resolution.help) {
    process.stdout.write(helpText({ command: "sensu-backend start", summary: SUMMARY.start }, START_OPTIONS));
    return;
  }
  const configuration = configure(resolution);
  const log = new JsonLogger({
    level: configuration.logLevel,
    component: "backend",
    milliseconds: configuration.options["log-millisecond-timestamps"],
  });
  const { runBackend } = await import("./app/run.ts");
  await runBackend(configuration, log);
}

async function init(argv: readonly string[]): Promise<void> {
  const resolution = resolve(INIT_OPTIONS, { argv, env: process.env });
  if (resolution.help) {
    process.stdout.write(helpText({ command: "sensu-backend init", summary: SUMMARY.init }, INIT_OPTIONS));
    return;
  }
  if (resolution.errors[0] !== undefined) throw new SensuError("invalid", resolution.errors[0]);
  const { runInit } = await import("./app/init.ts");
  process.exitCode = await runInit(resolution, commandLog(resolution));
}

/** `log-level` does not count here (B-207). */
function commandLog(resolution: { readonly origins: Readonly<Record<string, string>> }): JsonLogger {
  const log = new JsonLogger({ level: "info", component: "cmd" });
  const idle = idleFlags(resolution);
  if (idle !== undefined) log.warn({}, idle);
  return log;
}

async function upgrade(argv: readonly string[]): Promise<void> {
  const resolution = resolve(UPGRADE_OPTIONS, { argv, env: process.env });
  if (resolution.help) {
    process.stdout.write(helpText({ command: "sensu-backend upgrade", summary: SUMMARY.upgrade }, UPGRADE_OPTIONS));
    return;
  }
  if (resolution.errors[0] !== undefined) throw new SensuError("invalid", resolution.errors[0]);
  const { runUpgrade } = await import("./app/upgrade.ts");
  await runUpgrade(resolution.values, commandLog(resolution));
}

async function main(): Promise<void> {
  const [command, ...argv] = process.argv.slice(2);
  switch (command) {
    case "start":
      return start(argv);
    case "init":
      return init(argv);
    case "upgrade":
      return upgrade(argv);
    case "version":
      process.stdout.write(
        `sensu-backend version ${VERSION}+ce, community edition, built with node ${process.version}\n`,
      );
      return;
    case undefined:
    case "-h":
    case "--help":
      process.stdout.write(USAGE);
      return;
    case "help":
      if (argv[0] === "start") return start(["--help"]);
      if (argv[0] === "init") return init(["--help"]);
      if (argv[0] === "upgrade") return upgrade(["--help"]);
      process.stdout.write(USAGE);
      return;
    default:
      throw new SensuError("invalid", `unknown command ${JSON.stringify(command)} for "sensu-backend"`);
  }
}

main().catch(fatal);
