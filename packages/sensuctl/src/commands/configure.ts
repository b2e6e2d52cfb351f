import path from "node:path";
import { readConfig, writeCluster, writeProfile, writeTokens } from "../config/files.ts";
import { DEFAULT_TIMEOUT_MS } from "../config/settings.ts";
import { leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { toggle } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { askChoice, askSecret, askText } from "./ask.ts";

/** Read from the environment too (C-24). */
const variable = <const N extends string>(name: N, help: string) =>
  ({ name, type: "string", default: "", sources: ["flag", "env"], help }) as const;

interface Answers {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly namespace: string;
  readonly format: string;
}

async function ask(current: Answers): Promise<Answers> {
  const url = await askText("Sensu Backend API URL:", { default: current.url });
  const username = await askText("Username:");
  const password = await askSecret("Password:");
  const namespace = await askText("Namespace:", { default: current.namespace });
  const format = await askChoice(
    "Preferred output format:",
    ["tabular", "yaml", "wrapped-json", "json"],
    current.format,
  );
  return { url, username, password, namespace, format };
}

/** C-27: the URL is saved first and stays saved when logging in fails. */
async function logIn(session: Session, answers: Answers): Promise<void> {
  const { folder } = session.settings;
  const { cluster } = readConfig(folder);
  writeCluster(folder, { ...cluster, apiUrl: answers.url, timeoutMs: cluster.timeoutMs || DEFAULT_TIMEOUT_MS });
  try {
    const client = await session.anonymousClient(answers.url);
    writeTokens(folder, await client.login(answers.username, answers.password));
    await client.close();
  } catch (error) {
    session.warn("");
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`unable to authenticate with error: ${reason}`);
  }
}

/** Kept like the CA file: absolute, and only when given anew (C-27). */
function clientPair(session: Session): { certFile: string; keyFile: string } {
  if (!session.given("cert-file")) return { certFile: "", keyFile: "" };
  const { certFile, keyFile } = session.settings;
  return { certFile: path.resolve(certFile), keyFile: path.resolve(keyFile) };
}

export default leaf({
  name: "configure",
  summary: "Log in and set up sensuctl",
  needs: "nothing",
  flags: [
    {
      ...toggle("non-interactive", "take everything from flags, ask nothing", { short: "n" }),
      sources: ["flag", "env"],
    },
    variable("format", "preferred output format (default: what is configured)"),
    variable("namespace", "namespace to work in (default: what is configured)"),
    variable("password", "password"),
    {
      name: "timeout",
      type: "duration",
      default: DEFAULT_TIMEOUT_MS,
      sources: ["flag", "env"],
      help: "timeout when communicating with the backend",
    },
    variable("url", "URL of the backend's API"),
    variable("username", "name of the user"),
  ],
  async run(session, flags) {
    const { settings } = session;
    const { folder, files } = settings;
    const offered: Answers = {
      url: flags.url || settings.apiUrl || "http://localhost:8080",
      username: flags.username,
      password: flags.password,
      namespace: flags.namespace || settings.namespace,
      format: flags.format || settings.format,
    };
    if (flags["non-interactive"] && (offered.username === "" || offered.password === "")) {
      const missing = (["password", "username"] as const).filter((name) => offered[name] === "");
      throw new Failure(`required flag(s) ${missing.map((name) => JSON.stringify(name)).join(", ")} not set`);
    }
    const answers = flags["non-interactive"] ? offered : await ask(offered);
    await logIn(session, answers);
    writeProfile(folder, { format: answers.format, namespace: answers.namespace });
    writeCluster(folder, {
      ...readConfig(folder).cluster,
      insecureSkipTlsVerify: session.given("insecure-skip-tls-verify") && settings.insecureSkipTlsVerify,
      ...clientPair(session),
      trustedCaFile: session.given("trusted-ca-file") ? path.resolve(settings.trustedCaFile) : "",
      timeoutMs: session.given("timeout") ? flags.timeout : files.cluster.timeoutMs || flags.timeout,
    });
  },
});
