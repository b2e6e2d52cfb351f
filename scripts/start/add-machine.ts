/** `npm start -- --secure --add-machine NAME`: one line that brings another machine its agent's own certificate. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AGENT_USER, certificatesOf, isLoopback, pki, reachableAs } from "./certificates.ts";
import { StartError } from "./errors.ts";
import { writeWhole } from "./secret.ts";

/** How the last start was reached. */
export interface Listening {
  readonly host: string;
  readonly agentPort: number;
  readonly secure: boolean;
}

function listeningFile(stateDir: string): string {
  return path.join(stateDir, "listening.json");
}

export function rememberListening(stateDir: string, listening: Listening): void {
  writeWhole(listeningFile(stateDir), `${JSON.stringify(listening)}\n`);
}

/** Subscription of machines that are added: the checks of this machine name files of this machine. */
export const SUBSCRIPTION = "machines";

/** Runs the agent with the files beside it; the secrets stay in files, out of sight of `ps`. */
const RUN = `here=$(cd -- "$(dirname -- "$0")" && pwd)
program=$(command -v sensu-agent || echo "$PWD/bin/sensu-agent")
if [ ! -x "$program" ]; then
  echo "sensu-agent is not here: install the package sensu-go-agent, or run the line in a folder of sensu-ts after npm run build" >&2
  exit 1
fi
exec "$program" start -c "$here/agent.yml" --trusted-ca-file "$here/ca.pem" \\
  --cert-file "$here/agent.pem" --key-file "$here/agent-key.pem" --cache-dir "$here/cache" "$@"
`;

function configuration(name: string, { host, agentPort }: Listening): string {
  const urls = reachableAs(host).map((each) => `  - "wss://${each.includes(":") ? `[${each}]` : each}:${agentPort}"\n`);
  return `name: "${name}"\nsubscriptions:\n  - ${SUBSCRIPTION}\nbackend-url:\n${urls.join("")}`;
}

/** The line, for a POSIX shell. The private key in it is then on that machine only. */
export async function addMachine(stateDir: string, name: string): Promise<string> {
  const file = listeningFile(stateDir);
  if (!existsSync(file)) throw new StartError(`nothing has been started with ${stateDir} yet: npm start -- --secure`);
  const listening = JSON.parse(readFileSync(file, "utf8")) as Listening;
  if (!listening.secure)
    throw new StartError("machines get certificates of their own only after npm start -- --secure --listen 0.0.0.0");
  if (isLoopback(listening.host))
    throw new StartError(
      `other machines cannot reach ${listening.host}: start again with npm start -- --secure --listen 0.0.0.0`,
    );
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name))
    throw new StartError(`--add-machine ${name}: want a host name of letters, digits, dots and dashes`);
  const { folder, ca } = certificatesOf(stateDir);
  const cert = path.join(folder, `${name}.pem`);
  const key = path.join(folder, `${name}-key.pem`);
  if (existsSync(cert))
    throw new StartError(
      `${cert} exists: if that machine has lost its key, run  bin/sensu-pki revoke ${name} --dir ${folder}  and remove the file`,
    );
  await pki(folder, "issue", "agent", name, "--user", AGENT_USER);
  const bundle = mkdtempSync(path.join(tmpdir(), "sensu-machine-"));
  try {
    copyFileSync(ca, path.join(bundle, "ca.pem"));
    copyFileSync(cert, path.join(bundle, "agent.pem"));
    copyFileSync(key, path.join(bundle, "agent-key.pem"));
    writeFileSync(path.join(bundle, "agent.yml"), configuration(name, listening));
    writeFileSync(path.join(bundle, "run"), RUN);
    const files = ["ca.pem", "agent.pem", "agent-key.pem", "agent.yml", "run"];
    for (const each of files) chmodSync(path.join(bundle, each), 0o600);
    const words = ["-cz", "--owner=0", "--group=0", "--numeric-owner", "-C", bundle, ...files];
    const text = execFileSync("tar", words).toString("base64");
    // A user's umask decides the modes of unpacked files, for root those in the archive do: 0600 both ways. printf is
    // part of the shell, so that no argument list shows the key.
    const target = `"$HOME/.sensu-agent/${name}"`;
    return `(umask 077; mkdir -p ${target} && printf %s ${text} | base64 -d | tar -xzC ${target}) && sh ${target}/run`;
  } catch (error) {
    rmSync(cert, { force: true });
    throw error;
  } finally {
    rmSync(bundle, { recursive: true, force: true });
    rmSync(key, { force: true });
  }
}
