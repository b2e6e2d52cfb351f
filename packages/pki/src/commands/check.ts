/** `sensu-pki check`: a monitoring plugin (S-78, S-479). */
import { existsSync, realpathSync, statSync } from "node:fs";
import { isIP } from "node:net";
import tls from "node:tls";
import { verifiesTo } from "../ca.ts";
import { type Certificate, readCertificate } from "../cert.ts";
import { PkiError } from "../errors.ts";
import { DAY, daysLeft, opensslDate, validityOf } from "../expiry.ts";
import { readFile } from "../files.ts";
import { coversHost } from "../hosts.ts";
import { isEncryptedKey, readPrivateKey, samePublicKey } from "../keys.ts";
import { certificateBlocks } from "../pem.ts";
import { extendedUsageIds, findProfile } from "../profiles.ts";
import { type Arguments, type PkiCommand, switchOption, textOption, UsageError } from "./arguments.ts";
import { certificateFiles, readIndex, readLeaf, readProfiles, spoiltFiles, trustedCertificates } from "./directory.ts";

/** Exit codes of monitoring plugins. */
export const STATUS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type Level = keyof typeof STATUS;

export interface Finding {
  level: Level;
  text: string;
}

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
/** Worst last. */
const ORDER: Level[] = ["ok", "warning", "unknown", "critical"];

export function worst(levels: readonly Level[]): Level {
  return levels.reduce<Level>((one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one), "ok");
}

export function expiryFinding(certificate: Certificate, now: Date, warningDays: number, criticalDays: number): Finding {
  const validity = validityOf(certificate, now, warningDays);
  const left = daysLeft(certificate, now);
  if (validity === "expired") return { level: "critical", text: `expired ${-left - 1} days ago` };
  if (validity === "not yet valid") return { level: "critical", text: "is not yet valid" };
  const critical = certificate.notAfter.getTime() - now.getTime() < criticalDays * DAY;
  return { level: critical ? "critical" : validity === "expiring" ? "warning" : "ok", text: `expires in ${left} days` };
}

function keyFindings(file: string, certificate: Certificate): Finding[] {
  const keyFile = file.replace(/\.pem$/, "-key.pem");
  if (keyFile === file || !existsSync(keyFile)) return [];
  const findings: Finding[] = [];
  const mode = statSync(keyFile).mode & 0o777;
  if ((mode & 0o177) !== 0) {
    findings.push({
      level: "warning",
      text: `${keyFile} has mode ${mode.toString(8).padStart(4, "0")}, wider than 0600`,
    });
  }
  try {
    const pem = readFile(keyFile);
    // Whether an encrypted key fits cannot be seen.
    if (!isEncryptedKey(pem) && !samePublicKey(readPrivateKey(pem), certificate.publicKey)) {
      findings.push({ level: "critical", text: `${keyFile} does not belong to ${file}` });
    }
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    findings.push({ level: "unknown", text: `its key cannot be checked: ${error.message}` });
  }
  return findings;
}

function usageFindings(args: Arguments, certificate: Certificate): Finding[] {
  const serial = certificate.serial.toString("hex");
  const entry = readIndex(args.directory).certificates.find((one) => one.serial === serial);
  const findings: Finding[] = [];
  if (entry?.status === "revoked") findings.push({ level: "critical", text: "is revoked" });
  if (certificate.extendedKeyUsages.includes(SERVER_AUTH) && certificate.commonName !== "") {
    const names = [...certificate.hosts.dns, ...certificate.hosts.ip];
    if (!names.includes(certificate.commonName)) {
      findings.push({
        level: "warning",
        text: `the CN ${certificate.commonName} is not among its SANs, so clients refuse it under that name`,
      });
    }
  }
  if (entry !== undefined && entry.profile !== "ca" && existsSync(args.directory.file("ca-config.json"))) {
    const profile = findProfile(readProfiles(args.directory), entry.profile);
    const missing = extendedUsageIds(profile?.usages ?? []).some((id) => !certificate.extendedKeyUsages.includes(id));
    if (missing) findings.push({ level: "warning", text: `lacks usages of its profile ${entry.profile}` });
  }
  return findings;
}

/** Debian's trust store holds a copy, which a changed `ca.pem` leaves as it was (S-479). */
function trustStoreFindings(file: string, certificate: Certificate): Finding[] {
  const link = "/usr/local/share/ca-certificates/sensu-ca.crt";
  const bundle = "/etc/ssl/certs/ca-certificates.crt";
  if (!existsSync(link) || !existsSync(bundle) || realpathSync(link) !== realpathSync(file)) return [];
  if (certificateBlocks(readFile(bundle)).some((der) => der.equals(certificate.der))) return [];
  return [{ level: "warning", text: `${bundle} does not hold this CA: run update-ca-certificates` }];
}

interface Checked {
  file: string;
  certificate: Certificate | undefined;
  findings: Finding[];
}

function checkFile(args: Arguments, file: string, warningDays: number, criticalDays: number): Checked {
  if (!existsSync(file))
    return { file, certificate: undefined, findings: [{ level: "unknown", text: "no such file" }] };
  let certificate: Certificate;
  try {
    certificate = readLeaf(file);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return { file, certificate: undefined, findings: [{ level: "unknown", text: error.message }] };
  }
  const findings = [expiryFinding(certificate, args.io.now(), warningDays, criticalDays)];
  const trusted = trustedCertificates(args.directory);
  const own = certificateBlocks(readFile(file)).map((der) => readCertificate(der));
  const selfSigned = certificate.subject.equals(certificate.issuer);
  if (trusted.length > 0 && !selfSigned && !verifiesTo(certificate, [...trusted, ...own.slice(1)])) {
    findings.push({ level: "critical", text: `does not verify to ${args.directory.file("ca.pem")}` });
  }
  findings.push(...keyFindings(file, certificate), ...usageFindings(args, certificate));
  if (certificate.ca !== undefined) findings.push(...trustStoreFindings(file, certificate));
  return { file, certificate, findings };
}

/** What a server shows; whether it is trusted is reported, not required. */
async function checkServer(
  args: Arguments,
  address: string,
  warningDays: number,
  criticalDays: number,
): Promise<Checked> {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === "" || Number(port) > 65_535) throw new UsageError("--connect needs HOST:PORT");
  return new Promise((resolve) => {
    const failed = (text: string): void =>
      resolve({ file: address, certificate: undefined, findings: [{ level: "critical", text }] });
    const options = { host, port: Number(port), rejectUnauthorized: false, timeout: 10_000 };
    const socket = tls.connect({ ...options, ...(isIP(host) === 0 ? { servername: host } : {}) }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      try {
        const certificate = readCertificate(raw);
        const findings = [expiryFinding(certificate, args.io.now(), warningDays, criticalDays)];
        if (!coversHost(certificate.hosts, host))
          findings.push({ level: "critical", text: `is not valid for ${host}` });
        resolve({ file: address, certificate, findings });
      } catch (error) {
        failed((error as Error).message);
      }
    });
    socket.once("timeout", () => {
      socket.destroy();
      failed("no answer within 10 seconds");
    });
    socket.once("error", (error) => failed(error.message));
  });
}

function summary(level: Level, checked: readonly Checked[]): string {
  const troubles = checked.flatMap(({ file, findings }) =>
    findings.filter((one) => one.level !== "ok").map((one) => `${file} ${one.text}`),
  );
  const text = troubles.length > 0 ? troubles.join("; ") : `${checked.length} certificates`;
  return `${level.toUpperCase()}: ${text}\n`;
}

export const check: PkiCommand = {
  usage: ["check [FILE...] [-w 30] [-c 7] [--connect HOST:PORT] [--json]"],
  options: {
    warning: { type: "string", short: "w" },
    critical: { type: "string", short: "c" },
    connect: textOption,
    json: switchOption,
  },
  async run(args) {
    const warningDays = args.count("warning") ?? 30;
    const criticalDays = args.count("critical") ?? 7;
    const address = args.text("connect");
    const whole = args.words.length === 0 && address === undefined;
    const files = whole ? certificateFiles(args.directory).map((file) => args.directory.file(file)) : args.words;
    const checked = files.map((file) => checkFile(args, file, warningDays, criticalDays));
    // What is on the list and was emptied or cut off must not go unseen.
    for (const name of whole ? spoiltFiles(args.directory, readIndex(args.directory)) : []) {
      const findings: Finding[] = [{ level: "critical", text: "holds no certificate" }];
      if (!files.includes(args.directory.file(name))) {
        checked.push({ file: args.directory.file(name), certificate: undefined, findings });
      }
    }
    if (address !== undefined) checked.push(await checkServer(args, address, warningDays, criticalDays));
    if (checked.length === 0) {
      args.io.out(`UNKNOWN: there are no certificates in ${args.directory.path}\n`);
      return STATUS.unknown;
    }
    const level = worst(checked.flatMap(({ findings }) => findings.map((one) => one.level)));
    if (args.on("json")) {
      const rows = checked.map(({ file, certificate, findings }) => ({
        file,
        notAfter: certificate?.notAfter.toISOString(),
        findings,
      }));
      args.io.out(`${JSON.stringify({ status: level, certificates: rows }, null, 2)}\n`);
    } else {
      args.io.out(summary(level, checked));
      for (const { certificate } of checked) {
        if (certificate !== undefined) args.io.out(`notAfter=${opensslDate(certificate.notAfter)}\n`);
      }
    }
    return STATUS[level];
  },
};
