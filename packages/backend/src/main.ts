/** `sensu-backend`: reads the command word, hands over to the app. */
import { type Program, readProgram, SensuError } from "@sensu-ts/core";
import { JsonLogger } from "@sensu-ts/runtime";
import { configure, idleFlags, resolve } from "./app/configuration.ts";
import { COPY_OPTIONS, INIT_OPTIONS, START_OPTIONS, UPGRADE_OPTIONS } from "./app/options.ts";
import { VERSION } from "./app/version.ts";

const PROGRAM: Program = {
  name: "sensu-backend",
  summary: "sensu backend",
  commands: [
    { name: "backup", summary: "copy the store to a file, also while the backend runs", options: COPY_OPTIONS },
    { name: "init", summary: "initialize a new sensu installation", options: INIT_OPTIONS },
    { name: "restore", summary: "make the store from such a file", options: COPY_OPTIONS },
    { name: "start", summary: "start the sensu backend", options: START_OPTIONS },
    { name: "upgrade", summary: "upgrade the database to the current version", options: UPGRADE_OPTIONS },
    { name: "version", summary: "Show the sensu-backend version information", options: [], tellsUsage: true },
  ],
};

function fatal(error: unknown): void {
  const text = error instanceof SensuError ? told(error) : String((error as Error).stack ?? error);
  new JsonLogger({ level: "info", component: "backend" }).fatal({ error: text }, "error executing sensu-backend");
  process.exitCode = 1;
}

/** With what the engine of the store said: callers are not told that, the operator is. */
function told({ message, cause }: SensuError): string {
  return typeof cause === "string" ? `${message}: ${cause}` : message;
}

async function start(argv: readonly string[]): Promise<void> {
  const resolution = resolve(START_OPTIONS, { argv, env: process.env });
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
  if (resolution.errors[0] !== undefined) throw new SensuError("invalid", resolution.errors[0]);
  const { runInit } = await import("./app/init.ts");
  process.exitCode = await runInit(resolution, commandLog(resolution));
}

/** `log-level` does not count here (B-207). */
function commandLog(resolution: { readonly origins: Readonly<Record<string, string>> }): JsonLogger {
  const log = new JsonLogger({ level: "info", component: "cmd" });
  for (const idle of idleFlags(resolution)) log.warn({}, idle);
  return log;
}

async function upgrade(argv: readonly string[]): Promise<void> {
  const resolution = resolve(UPGRADE_OPTIONS, { argv, env: process.env });
  if (resolution.errors[0] !== undefined) throw new SensuError("invalid", resolution.errors[0]);
  const { runUpgrade } = await import("./app/upgrade.ts");
  await runUpgrade(resolution.values, commandLog(resolution));
}

async function copies(command: "backup" | "restore", argv: readonly string[]): Promise<void> {
  const resolution = resolve(COPY_OPTIONS, { argv, env: process.env });
  if (resolution.errors[0] !== undefined) throw new SensuError("invalid", resolution.errors[0]);
  const { runBackup, runRestore } = await import("./app/copies.ts");
  const run = command === "backup" ? runBackup : runRestore;
  await run(resolution.values["state-dir"], resolution.rest, commandLog(resolution));
}

async function main(): Promise<void> {
  const reading = readProgram(PROGRAM, process.argv.slice(2));
  if (reading.do === "print") {
    process[reading.to].write(reading.text);
    return;
  }
  if (reading.do === "refuse") {
    process.stderr.write(reading.usage);
    throw new SensuError("invalid", reading.reason);
  }
  switch (reading.command) {
    case "start":
      return start(reading.argv);
    case "init":
      return init(reading.argv);
    case "upgrade":
      return upgrade(reading.argv);
    case "backup":
    case "restore":
      return copies(reading.command, reading.argv);
    default:
      process.stdout.write(
        `sensu-backend version ${VERSION}+ce, community edition, built with node ${process.version}\n`,
      );
  }
}

main().catch(fatal);
