/** The TLS options of one configuration with every file behind them, and what is wrong with either (S-83, S-472). */
import { existsSync, lstatSync, statSync } from "node:fs";
import path from "node:path";
import { verifiesTo } from "../../ca.ts";
import { type Certificate, readCertificate } from "../../cert.ts";
import { PkiError } from "../../errors.ts";
import { readFile } from "../../files.ts";
import { coversHost } from "../../hosts.ts";
import { readPrivateKey, samePublicKey } from "../../keys.ts";
import { findKeyBeside } from "../../pair.ts";
import { certificateBlocks } from "../../pem.ts";
import { expiryFinding, type Finding, type Level } from "../check.ts";
import { serviceOwner } from "../directory.ts";
import { blockers, remedy } from "./access.ts";
import { type ClientPair, clockAhead, clockFinding } from "./clock.ts";

const SERVER = "1.3.6.1.5.5.7.3.1";
const CLIENT = "1.3.6.1.5.5.7.3.2";

/** Options of a certificate and its key, and what the certificate must be good for. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
  /** Option of the authorities it should verify to. */
  readonly ca: string | undefined;
  readonly usages: readonly (readonly [string, string])[];
}

export const server = ["server auth", SERVER] as const;
export const client = ["client auth", CLIENT] as const;

/** Where a trust store of Debian looks for the CA. */
const TRUST_LINK = "/usr/local/share/ca-certificates/sensu-ca.crt";

export type Options = Readonly<Record<string, unknown>>;

export function text(options: Options, name: string): string {
  const value = options[name];
  return typeof value === "string" ? value : "";
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || /^127\./.test(host) || /^\[?::1\]?$/.test(host);
}

export class Examination {
  readonly findings: Finding[] = [];
  /** Commands that would let the service user read what it cannot. */
  readonly remedies: string[] = [];
  /** What could not be looked at from here, and why. */
  readonly notes: string[] = [];
  private readonly options: Options;
  private readonly now: Date;
  private readonly clock: () => Date;

  constructor(options: Options, clock: () => Date) {
    this.options = options;
    this.now = clock();
    this.clock = clock;
  }

  add(level: Level, option: string, text: string): void {
    this.findings.push({ level, text: `${option}: ${text}` });
  }

  /** The text of the option's file, or of another one in its place; undefined after a finding. */
  open(option: string, file: string = text(this.options, option)): string | undefined {
    if (isLink(file) && !existsSync(file)) {
      this.add("critical", option, `${file} is a link to nothing`);
      return undefined;
    }
    const user = serviceOwner();
    if (existsSync(file) && user !== undefined) {
      const found = blockers(user, file);
      if (found.length > 0) {
        const places = found.map(({ target }) => target).join(", ");
        this.add("critical", option, `open ${file}: permission denied for user sensu at ${places}`);
        for (const line of found.map(remedy)) if (!this.remedies.includes(line)) this.remedies.push(line);
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
    const beside = leaf === undefined ? undefined : findKeyBeside(certFile, leaf.publicKey);
    let file = text(this.options, option);
    if (!existsSync(file) && beside !== undefined) {
      this.add("warning", option, `${file} is not there, so ${beside} is used: write that`);
      file = beside;
    }
    const pem = this.open(option, file);
    if (pem === undefined) return;
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

  /** A link from the system's trust store leads nowhere for users that may not enter the CA's folder (S-478). */
  trustLink(): void {
    if (!existsSync(TRUST_LINK)) return;
    const blocked = blockers({ uid: -1, gid: -1 }, TRUST_LINK).map(({ target }) => target);
    if (blocked.length === 0) return;
    this.add(
      "warning",
      "trust store",
      `${TRUST_LINK} cannot be followed by other users at ${blocked.join(", ")}: sensu-pki trust install repairs it`,
    );
  }

  /** This clock against those of the backends that answer (S-408). */
  async clocks(option: string, urls: readonly string[], pair: ClientPair | undefined): Promise<void> {
    const asked = urls.filter((url) => URL.canParse(url)).map((url) => ({ url, at: new URL(url) }));
    const results = await Promise.allSettled(asked.map(({ at }) => clockAhead(at, pair, this.clock)));
    for (const [i, { url }] of asked.entries()) {
      const result = results[i];
      if (result?.status === "rejected") {
        this.notes.push(`${option}: no clock to compare with at ${url}: ${(result.reason as Error).message}`);
      } else if (result !== undefined) {
        const finding = clockFinding(result.value);
        if (finding !== undefined) this.add(finding.level, option, `${finding.text} (${url})`);
      }
    }
  }

  /** Whether the host of a URL of this backend is among the SANs of the pair served there (S-485). */
  host(option: string, leaf: Certificate | undefined): void {
    const value = text(this.options, option);
    if (value === "" || leaf === undefined || !URL.canParse(value)) return;
    const host = new URL(value).hostname.replace(/^\[|\]$/g, "");
    if (coversHost(leaf.hosts, host)) return;
    this.add(
      "warning",
      option,
      `${host} is not among the SANs of the certificate: sensu-pki issue backend NAME --san ${host}`,
    );
  }
}

/** False where nobody may look, too: opening the file then tells why. */
function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}
