/** `sensu-pki doctor`: the TLS options of a backend.yml or agent.yml, with every file behind them (S-83, S-472). */
import { existsSync } from "node:fs";
import { parse } from "yaml";
import { failure, PkiError } from "../../errors.ts";
import { readFile } from "../../files.ts";
import type { Io } from "../../io.ts";
import { type PkiCommand, textOption, UsageError } from "../arguments.ts";
import { expiryFinding, type Level, worst } from "../check.ts";
import { examineAgent } from "./agent.ts";
import { examineBackend } from "./backend.ts";
import { Examination, type Options, text } from "./examination.ts";

type Kind = "backend" | "agent";
/** Where the packages' services look. */
const USUAL: Readonly<Record<Kind, string>> = { backend: "/etc/sensu/backend.yml", agent: "/etc/sensu/agent.yml" };
const EXIT: Readonly<Record<Level, number>> = { ok: 0, warning: 1, unknown: 2, critical: 2 };

const CA_OPTIONS = [
  "trusted-ca-file",
  "agent-auth-trusted-ca-file",
  "api-auth-trusted-ca-file",
  "dashboard-auth-trusted-ca-file",
  "etcd-trusted-ca-file",
  "etcd-peer-trusted-ca-file",
];

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

async function examine(kind: Kind, file: string, io: Io): Promise<Level> {
  const options = readOptions(file);
  const examination = new Examination(options, () => io.now());
  examineCas(examination, options, io.now());
  await (kind === "backend" ? examineBackend : examineAgent)(examination, options);
  examination.trustLink();
  for (const { level, text: line } of examination.findings)
    io.out(`${level === "warning" ? "warning" : "error"}: ${line}\n`);
  for (const note of examination.notes) io.err(`note: ${note}\n`);
  for (const line of examination.remedies) io.out(`as root: ${line}\n`);
  const level = worst(examination.findings.map((one) => one.level));
  if (level === "ok") io.out("no findings\n");
  return level;
}

export const doctor: PkiCommand = {
  usage: ["doctor [--backend FILE] [--agent FILE]   (neither: those in /etc/sensu)"],
  options: { backend: textOption, agent: textOption },
  async run({ text: option, io }) {
    const kinds = ["backend", "agent"] as const;
    const given = kinds.filter((kind) => option(kind) !== undefined);
    const examined = given.length > 0 ? given : kinds.filter((kind) => existsSync(USUAL[kind]));
    if (examined.length === 0)
      throw new UsageError(`neither ${USUAL.backend} nor ${USUAL.agent} is there: --backend or --agent is needed`);
    const levels: Level[] = [];
    for (const kind of examined) {
      const file = option(kind) ?? USUAL[kind];
      if (given.length !== 1) io.out(`${file}:\n`);
      levels.push(await examine(kind, file, io));
    }
    return EXIT[worst(levels)];
  },
};
