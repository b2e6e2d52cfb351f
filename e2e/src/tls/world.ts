/** Real backends for the matrix: few processes that share their many cases, from one store initialised once. */
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ConnectionOptions } from "node:tls";
import { Api, type Backend, startBackend } from "@sensu-ts/testing";
import { agentCa, MATERIALS, serverCa, serverIntermediate } from "./materials.ts";

/** Files every backend uses, written once. */
export interface Files {
  readonly folder: string;
  /** Pair of the servers with its intermediate. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly serverCaFile: string;
  readonly agentCaFile: string;
  readonly crlFile: string;
}

export function writeFiles(folder: string): Files {
  return {
    folder,
    ...serverIntermediate.issueServer({ key: "rsa2048" }).write(folder, "server"),
    serverCaFile: serverCa.write(folder, "server-ca"),
    agentCaFile: agentCa.write(folder, "agent-ca"),
    crlFile: writeCrl(folder, 1, []),
  };
}

/** The list of what is revoked; a later one has a higher number. */
export function writeCrl(folder: string, number: number, names: readonly (keyof typeof MATERIALS)[]): string {
  const file = path.join(folder, "agents.crl");
  writeFileSync(
    file,
    agentCa.crl(
      names.map((name) => MATERIALS[name]),
      { number },
    ),
  );
  return file;
}

/** Trusts the servers, and shows the right certificate where one is asked for. */
export const ADMIN_TLS: ConnectionOptions = {
  ca: serverCa.pem,
  cert: MATERIALS.right.pem,
  key: MATERIALS.right.keyPem,
};

/** A state folder with the users of the matrix, to be copied. */
export async function prepareState(folder: string): Promise<string> {
  const stateDir = path.join(folder, "template");
  const backend = await startBackend({ stateDir });
  try {
    const api = await new Api(backend).login();
    const user = (username: string, disabled: boolean) =>
      api.put(`/api/core/v2/users/${username}`, { username, password: "matrix-P@ssw0rd!", groups: [], disabled });
    await user("disabled-user", true);
    await user("rightless-user", false);
  } finally {
    await backend.program.stop();
  }
  return stateDir;
}

/** A backend on a copy of `template`. */
export function startCopy(template: string, name: string, args: readonly string[]): Promise<Backend> {
  const stateDir = `${template}-${name}`;
  cpSync(template, stateDir, { recursive: true });
  return startBackend({ stateDir, resume: true, args });
}

export function pairArgs(files: Files): string[] {
  return ["--cert-file", files.certFile, "--key-file", files.keyFile];
}

export function agentAuthArgs(files: Files): string[] {
  return [
    ...["--agent-auth-cert-file", files.certFile, "--agent-auth-key-file", files.keyFile],
    ...["--agent-auth-trusted-ca-file", files.agentCaFile, "--agent-auth-crl-urls", files.crlFile],
  ];
}
