/** Entry of the sensu-agent program: command line, signals, exit status (W-157). */

import { invalid } from "@sensu-ts/core";
import { JsonLogger } from "@sensu-ts/runtime";
import { Agent } from "./app/agent.ts";
import { ConfigFileError, readCommandLine } from "./app/command-line.ts";

const log = new JsonLogger({ level: "info", component: "agent" });

async function main(): Promise<void> {
  const invocation = readCommandLine(process.argv.slice(2), process.env);
  if (invocation.do === "print") {
    process[invocation.to].write(invocation.text);
    return;
  }
  if (invocation.do === "refuse") {
    process.stderr.write(invocation.usage);
    throw invalid(invocation.reason);
  }
  const { settings, warnings } = invocation;
  log.setLevel(settings.logLevel);
  for (const warning of warnings) log.warn({}, warning);
  log.info({}, settings.link.credentials === undefined ? "using tls client auth" : "using password auth");
  log.info({}, "configuration successfully validated");
  const agent = new Agent(settings, log);

  const stop = (signal: NodeJS.Signals, word: string) => {
    process.on(signal, () => {
      log.warn({}, `signal ${JSON.stringify(word)} received, shutting down agent`);
      void agent.stop().then(() => process.exit(0));
    });
  };
  stop("SIGINT", "interrupt");
  stop("SIGTERM", "terminated");
  process.on("SIGUSR1", () => log.cycleLevel());
  process.on("SIGHUP", () => void agent.reload());
  await agent.start();
}

main().catch((error: unknown) => {
  log.fatal(
    { error },
    error instanceof ConfigFileError ? "error handling agent config" : "error executing sensu-agent",
  );
  process.exit(1);
});
