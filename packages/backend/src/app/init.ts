/** `sensu-backend init`: through the control socket of a running backend, else on the store itself (B-236). */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Resolution, SensuError } from "@sensu-ts/core";
import { askControl, type Logger, openError } from "@sensu-ts/runtime";
import { openSqlite } from "@sensu-ts/store";
import { Bcrypt, type InitRequest, type InitResult, initExitCode, initStore } from "../access/mod.ts";
import type { INIT_OPTIONS, InitOptions } from "./options.ts";
import { refuseEtcdData, storeFolder } from "./store-folder.ts";

const RETRY_MS = 250;

async function once(stateDir: string, request: InitRequest, log: Logger): Promise<InitResult> {
  const answer = await askControl(stateDir, "/init", request);
  if (answer) {
    if (answer.status === 200) return "done";
    if (answer.status === 409) return "alreadyInitialized";
    throw new SensuError("internal", String((answer.body as { message?: string }).message));
  }
  const store = openSqlite({ folder: storeFolder(stateDir) });
  await store.start();
  const bcrypt = new Bcrypt();
  await bcrypt.start();
  try {
    return await initStore({ kv: store.kv, bcrypt, log }, request);
  } finally {
    await bcrypt.stop();
    await store.stop();
  }
}

async function ask(): Promise<InitRequest> {
  const { createInterface } = await import("node:readline/promises");
  const { Writable } = await import("node:stream");
  let hidden = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  const question = async (text: string, secret: boolean) => {
    process.stderr.write(`${text} `);
    hidden = secret;
    const answer = await terminal.question("");
    hidden = false;
    if (secret) process.stderr.write("\n");
    return answer;
  };
  try {
    const username = await question("Cluster Admin Username:", false);
    const password = await question("Cluster Admin Password:", true);
    if ((await question("Retype Cluster Admin Password:", true)) !== password) {
      throw new SensuError("invalid", "Password confirmation doesn't match the password");
    }
    const apiKey = await question("Cluster Admin API Key:", true);
    return { username, password, ...(apiKey ? { apiKey } : {}) };
  } finally {
    terminal.close();
  }
}

function adminPassword(options: InitOptions): string {
  const file = options["cluster-admin-password-file"];
  if (file === "") return options["cluster-admin-password"];
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new SensuError("invalid", `cluster-admin-password-file: ${openError(file, error)}`, { cause: error });
  }
}

const SECRETS = ["cluster-admin-password", "cluster-admin-api-key", "agent-password"] as const;

/** Flags that others can read (S-398). */
function secretsShown(origins: Resolution<typeof INIT_OPTIONS>["origins"]): readonly string[] {
  return SECRETS.filter((name) => origins[name] === "flag").map(
    (name) =>
      `${name} was given as a flag, where every user of this host can see it; use the environment or cluster-admin-password-file`,
  );
}

/** Exit code (B-204). Throws `SensuError` for everything that is exit 1. */
export async function runInit(
  { values: options, origins }: Pick<Resolution<typeof INIT_OPTIONS>, "values" | "origins">,
  log: Logger,
): Promise<number> {
  for (const warning of secretsShown(origins)) log.warn({}, warning);
  refuseEtcdData(options);
  const [apiKey, agentPassword] = [options["cluster-admin-api-key"], options["agent-password"]];
  const admin: InitRequest = options.interactive
    ? await ask()
    : {
        username: options["cluster-admin-username"],
        password: adminPassword(options),
        ...(apiKey ? { apiKey } : {}),
      };
  const request: InitRequest = {
    ...admin,
    ...(agentPassword ? { agentPassword } : {}),
    ...(options["no-agent-user"] ? { withoutAgentUser: true } : {}),
  };
  const end = Date.now() + options.timeout;
  for (;;) {
    try {
      const result = await once(options["state-dir"], request, log);
      return initExitCode(result, options["ignore-already-initialized"]);
    } catch (error) {
      const busy = error instanceof SensuError && error.code === "unavailable";
      if (!busy || (!options.wait && Date.now() > end)) throw error;
      await delay(RETRY_MS);
    }
  }
}
