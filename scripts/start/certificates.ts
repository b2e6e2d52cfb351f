/** `npm start -- --secure`: a CA of this state folder's own, and a pair each for the backend and its agent. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import path from "node:path";
import { listHosts, readCertificate, sensuPki } from "@sensu-ts/pki";
import { StartError } from "./errors.ts";

export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly crl: string;
  readonly backend: Pair;
  readonly agent: Pair;
}

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Signed again at each start and each revocation; a machine may run for months between them. */
const CRL_DAYS = "365";
const RENEW_WITHIN = "30d";
/** User of every agent here: the store knows it from the first start. */
export const AGENT_USER = "agent";

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Names and addresses under which machines reach a listener on `host`. */
export function reachableAs(host: string): readonly string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return [hostname(), ...own.filter(({ family }) => host === "::" || family === "IPv4").map(({ address }) => address)];
}

export function certificatesOf(stateDir: string): Certificates {
  const folder = path.join(stateDir, "tls");
  const pair = (name: string) => ({
    cert: path.join(folder, `${name}.pem`),
    key: path.join(folder, `${name}-key.pem`),
  });
  return {
    folder,
    ca: path.join(folder, "ca.pem"),
    crl: path.join(folder, "ca.crl"),
    backend: pair(hostname()),
    agent: pair("agent"),
  };
}

/** Runs `sensu-pki` in this process; its words of success are for nobody. */
export async function pki(folder: string, ...words: string[]): Promise<void> {
  let said = "";
  const status = await sensuPki([...words, "--dir", folder], {
    out: () => {},
    err: (text) => {
      said += text;
    },
    input: async () => "",
    env: {},
    now: () => new Date(),
  });
  if (status !== 0) throw new StartError(`certificates in ${folder}: ${said.trim()}`);
}

/** Whether both halves are there and belong together: a process may be killed between writing the one and the other. */
function isWhole({ cert, key }: Pair): boolean {
  if (!existsSync(cert) || !existsSync(key)) return false;
  return new X509Certificate(readFileSync(cert)).checkPrivateKey(createPrivateKey(readFileSync(key)));
}

/** Makes what is missing, renews what ends soon, and names this machine anew when its addresses have changed. */
export async function prepareCertificates(stateDir: string, host: string): Promise<Certificates> {
  const certificates = certificatesOf(stateDir);
  const { folder, ca, backend, agent } = certificates;
  // Forced: a key whose CA never came is kept aside.
  if (!existsSync(ca)) await pki(folder, "init", "--force", "--cn", `sensu-ts on ${hostname()}`);
  const wanted = isLoopback(host) ? [] : reachableAs(host);
  const has = existsSync(backend.cert) ? listHosts(readCertificate(readFileSync(backend.cert, "utf8")).hosts) : [];
  if (!isWhole(backend) || wanted.some((name) => !has.includes(name))) {
    const names = wanted.flatMap((name) => ["--san", name]);
    await pki(folder, "issue", "backend", hostname(), "--force", ...names);
  }
  if (!isWhole(agent)) await pki(folder, "issue", "agent", "--user", AGENT_USER, "--force");
  await pki(folder, "renew", "--within", RENEW_WITHIN);
  // Also without a revoked one: the backend then follows the file, and a later `sensu-pki revoke` counts at once.
  await pki(folder, "crl", "--days", CRL_DAYS);
  return certificates;
}
