/** The running backend as a process: signals in, exit code out (B-720 to B-723). */
import type { JsonLogger } from "@sensu-ts/runtime";
import { checkStoreTls } from "./certificates/store-tls.ts";
import { composeBackend } from "./compose.ts";
import type { Configuration } from "./configuration.ts";

const FORCE_AFTER_MS = 30_000;

export async function runBackend(configuration: Configuration, log: JsonLogger): Promise<void> {
  const { warnings, options } = configuration;
  for (const warning of warnings) log.warn({}, warning);
  // What the store's certificates forbid ends the start here; what they are warned of, the look at all of them tells.
  checkStoreTls(options);
  process.umask(0o077);
  const backend = composeBackend(configuration, log);

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) {
      log.error({}, "second signal: ending at once");
      process.exit(1);
    }
    stopping = true;
    log.warn({}, `signal received: ${signal}`);
    const timer = setTimeout(() => {
      log.error({}, "stopping took too long: ending at once");
      process.exit(1);
    }, FORCE_AFTER_MS);
    backend.stop().then(
      () => {
        clearTimeout(timer);
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop("terminated"));
  process.on("SIGINT", () => stop("interrupt"));
  process.on("SIGUSR1", () => log.cycleLevel());
  process.on("SIGHUP", () => {
    backend.reload().catch((error: unknown) => log.error({ error }, "reload failed"));
  });
  await backend.start();
  log.warn({}, "backend is running and ready to accept events");
}
