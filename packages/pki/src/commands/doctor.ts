/** `sensu-pki doctor`: the TLS options of a backend.yml or agent.yml, with every file behind them (S-83, S-472). */
import { existsSync, lstatSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { verifiesTo } from "../ca.ts";
import { type Certificate, readCertificate } from "../cert.ts";
import { failure, PkiError } from "../errors.ts";
import { readFile } from "../files.ts";
import { readPrivateKey, readPublicKey, samePublicKey } from "../keys.ts";
import { certificateBlocks } from "../pem.ts";
import { type PkiCommand, textOption, UsageError } from "./arguments.ts";
import { expiryFinding, type Finding, type Level, worst } from "./check.ts";
import { serviceOwner } from "./directory.ts";

const SERVER = "1.3.6.1.5.5.7.3.1";
const CLIENT = "1.3.6.1.5.5.7.3.2";

interface Pair {
  cert: string;
  key: string;
  ca: string | undefined;
  usages: readonly (readonly [string, string])[];
}

const server = ["server auth", SERVER] as const;
const client = ["client auth", CLIENT] as const;

const BACKEND_PAIRS: readonly Pair[] = [
  { cert: "cert-file", key: "key-file", ca: "trusted-ca-file", usages: [server] },
  { cert: "dashboard-cert-file", key: "dashboard-key-file", ca: undefined, usages: [server] },
  { cert: "agent-auth-cert-file", key: "agent-auth-key-file", ca: undefined, usages: [server] },
  { cert: "etcd-cert-file", key: "etcd-key-file", ca: "etcd-trusted-ca-file", usages: [server, client] },
  { cert: "etcd-peer-cert-file", key: "etcd-peer-key-file", ca: "etcd-peer-trusted-ca-file", usages: [server, client] },
];
const AGENT_PAIRS: readonly Pair[] = [{ cert: "cert-file", key: "key-file", ca: undefined, usages: [client] }];
const CA_OPTIONS = [
  "trusted-ca-file",
  "agent-auth-trusted-ca-file",
  "etcd-trusted-ca-file",
  "etcd-peer-trusted-ca-file",
];

type Options = Readonly<Record<string, unknown>>;

function text(options: Options, name: string): string {
  const value = options[name];
  return typeof value === "string" ? value : "";
}

/** Whether user `sensu` could read the file; as another user than root the process's own rights count. */
function unreadablePart(file: string): string | undefined {
  const owner = serviceOwner();
  if (owner === undefined) return undefined;
  const allowed = (target: string, bit: number): boolean => {
    const { uid, gid, mode } = statSync(target);
    if (uid === owner.uid) return (mode & (bit << 6)) !== 0;
    return (mode & (gid === owner.gid ? bit << 3 : bit)) !== 0;
  };
  for (let folder = path.dirname(path.resolve(file)); ; folder = path.dirname(folder)) {
    if (!allowed(folder, 1)) return folder;
    if (folder === path.dirname(folder)) break;
  }
  return allowed(file, 4) ? undefined : file;
}

class Examination {
  readonly findings: Finding[] = [];
  private readonly options: Options;
  private readonly now: Date;

  constructor(options: Options, now: Date) {
    this.options = options;
    this.now = now;
  }

  add(level: Level, option: string, text: string): void {
    this.findings.push({ level, text: `${option}: ${text}` });
  }

  /** The file's text, or undefined after a finding. */
  open(option: string): string | undefined {
    const file = text(this.options, option);
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(file)) {
      this.add("critical", option, `${file} is a link to nothing`);
      return undefined;
    }
    if (existsSync(file)) {
      const part = unreadablePart(file);
      if (part !== undefined) {
        this.add("critical", option, `open ${file}: permission denied for user sensu at ${part}`);
        return undefined;
      }
    }
    try {
      return readFile(file);
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      this.add("critical", option, error.message);
      return undefined;
    }
  }

  certificates(option: string): Certificate[] {
    const pem = this.open(option);
    if (pem === undefined) return [];
    try {
      const found = certificateBlocks(pem).map((der) => readCertificate(der));
      if (found.length === 0)
        this.add("critical", option, `No certificates could be parsed out of ${text(this.options, option)}`);
      return found;
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      this.add("critical", option, `${text(this.options, option)}: ${error.message}`);
      return [];
    }
  }

  /** The leaf of a pair whose two options are set. */
  pair({ cert, key, ca, usages }: Pair): Certificate | undefined {
    const set = [cert, key].filter((name) => text(this.options, name) !== "");
    if (set.length === 0) return undefined;
    if (set.length === 1) {
      this.add("critical", set[0] ?? cert, `both --${cert} and --${key} are required`);
      return undefined;
    }
    const [leaf, ...chain] = this.certificates(cert);
    this.key(key, leaf, text(this.options, cert));
    if (leaf === undefined) return undefined;
    const file = text(this.options, cert);
    const expiry = expiryFinding(leaf, this.now, 30, 7);
    if (expiry.level !== "ok") this.add(expiry.level, cert, `${file} ${expiry.text}`);
    for (const [name, id] of usages) {
      if (leaf.extendedKeyUsages.length > 0 && !leaf.extendedKeyUsages.includes(id)) {
        this.add("critical", cert, `${file} is not for ${name}, so the other side refuses it`);
      }
    }
    if (ca !== undefined && text(this.options, ca) !== "") {
      const trusted = certificateBlocks(this.quiet(ca)).map((der) => readCertificate(der));
      if (trusted.length > 0 && !verifiesTo(leaf, [...trusted, ...chain])) {
        this.add("warning", cert, `${file} does not verify to ${text(this.options, ca)}`);
      }
    }
    return leaf;
  }

  /** A file whose faults are reported elsewhere. */
  private quiet(option: string): string {
    const file = text(this.options, option);
    return existsSync(file) ? readFile(file) : "";
  }

  private key(option: string, leaf: Certificate | undefined, certFile: string): void {
    const pem = this.open(option);
    if (pem === undefined) return;
    const file = text(this.options, option);
    try {
      const key = readPrivateKey(pem);
      if (leaf !== undefined && !samePublicKey(key, leaf.publicKey)) {
        this.add(
          "critical",
          option,
          `${file} does not belong to ${certFile}: tls: private key does not match public key`,
        );
      }
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      this.add("critical", option, `${file}: ${error.message}`);
    }
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o007) !== 0)
      this.add("warning", option, `${file} can be used by everybody: mode ${mode.toString(8).padStart(4, "0")}`);
    const caKey = path.join(path.dirname(file), "ca-key.pem");
    if (existsSync(caKey) && !this.findings.some((one) => one.text.includes(caKey))) {
      this.add("warning", option, `${caKey} lies beside it: archive the CA's key elsewhere`);
    }
  }

  /** Whether the host of a URL of this backend is among the SANs of the pair served there (S-485). */
  host(option: string, leaf: Certificate | undefined): void {
    const value = text(this.options, option);
    if (value === "" || leaf === undefined || !URL.canParse(value)) return;
    const host = new URL(value).hostname.replace(/^\[|\]$/g, "");
    if (covers(leaf, host)) return;
    this.add(
      "warning",
      option,
      `${host} is not among the SANs of the certificate: sensu-pki issue backend NAME --san ${host}`,
    );
  }
}

function covers({ hosts }: Certificate, host: string): boolean {
  const name = host.toLowerCase();
  const wild = `*${name.slice(name.indexOf("."))}`;
  return hosts.ip.includes(host) || hosts.dns.some((one) => one.toLowerCase() === name || one.toLowerCase() === wild);
}

function readOptions(file: string): Options {
  let value: unknown;
  try {
    value = parse(readFile(file));
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw failure(`${file} is no valid YAML`, error);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw failure(`${file} holds no options`);
  return value as Options;
}

function examineCas(examination: Examination, options: Options, now: Date): void {
  for (const option of CA_OPTIONS) {
    if (text(options, option) === "") continue;
    for (const certificate of examination.certificates(option)) {
      const expiry = expiryFinding(certificate, now, 30, 7);
      if (expiry.level !== "ok") examination.add(expiry.level, option, `${certificate.commonName} ${expiry.text}`);
      if (certificate.ca === undefined) examination.add("warning", option, `${certificate.commonName} is no CA`);
    }
  }
}

function examineBackend(examination: Examination, options: Options): void {
  const [main, , , etcd, peer] = BACKEND_PAIRS.map((pair) => examination.pair(pair));
  const url = text(options, "api-url");
  const secure = text(options, "cert-file") !== "";
  if (url !== "" && secure !== url.startsWith("https:")) {
    examination.add("warning", "api-url", `${url} does not fit: the API speaks ${secure ? "https" : "http"}`);
  } else examination.host("api-url", main);
  examination.host("etcd-advertise-client-urls", etcd);
  examination.host("etcd-initial-advertise-peer-urls", peer);
  if (text(options, "agent-auth-cert-file") !== "" && text(options, "agent-auth-trusted-ca-file") === "") {
    examination.add(
      "warning",
      "agent-auth-trusted-ca-file",
      "is empty: every certificate of a public CA is let in as an agent",
    );
  }
  examineJwt(examination, options);
}

function examineJwt(examination: Examination, options: Options): void {
  const names = ["jwt-private-key-file", "jwt-public-key-file"] as const;
  if (text(options, names[0]) === "") return;
  if (text(options, names[1]) === "") {
    examination.add("critical", names[0], "a public key is required when specifying a private key");
    return;
  }
  const [secret, open] = names.map((name) => examination.open(name));
  if (secret === undefined || open === undefined) return;
  try {
    const key = readPrivateKey(secret);
    if (key.asymmetricKeyType !== "ec") examination.add("critical", names[0], "is no EC key");
    else if (!samePublicKey(key, readPublicKey(open)))
      examination.add("critical", names[1], "does not belong to the private key");
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    examination.add("critical", names[0], error.message);
  }
}

function examineAgent(examination: Examination, options: Options): void {
  for (const pair of AGENT_PAIRS) examination.pair(pair);
  const given = options["backend-url"];
  const urls = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(String);
  if (text(options, "cert-file") !== "" && urls.some((url) => url.startsWith("ws:"))) {
    examination.add("critical", "backend-url", "has a ws URL, where no certificate is shown: use wss");
  }
  if (options["insecure-skip-tls-verify"] === true) {
    examination.add("warning", "insecure-skip-tls-verify", "the backend's certificate is not checked");
  }
}

export const doctor: PkiCommand = {
  usage: ["doctor --backend FILE", "doctor --agent FILE"],
  options: { backend: textOption, agent: textOption },
  run({ text: option, io }) {
    const backend = option("backend");
    const agent = option("agent");
    const file = backend ?? agent;
    if (file === undefined || (backend !== undefined && agent !== undefined))
      throw new UsageError("--backend or --agent is needed");
    const options = readOptions(file);
    const examination = new Examination(options, io.now());
    examineCas(examination, options, io.now());
    if (backend !== undefined) examineBackend(examination, options);
    else examineAgent(examination, options);
    for (const { level, text: line } of examination.findings)
      io.out(`${level === "warning" ? "warning" : "error"}: ${line}\n`);
    const level = worst(examination.findings.map((one) => one.level));
    if (level === "ok") io.out("no findings\n");
    return level === "ok" ? 0 : level === "warning" ? 1 : 2;
  },
};
