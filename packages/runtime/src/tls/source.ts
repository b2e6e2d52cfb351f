/** Where a listener's certificate comes from: a pair of files, watched, swapped whole, never for a worse one. */
import { constants, type X509Certificate } from "node:crypto";
import tls from "node:tls";
import { SensuError } from "@sensu-ts/core";
import type { Logger } from "../log.ts";
import { type CertificateInUse, certificateInUse, instant } from "./certificate.ts";
import { loadCa, loadServerPair, type Pair, unusable } from "./files.ts";
import { keyWarnings, refuseExposed } from "./keys.ts";
import { PROFILE } from "./profile.ts";
import { systemRootFiles, systemRoots } from "./roots.ts";
import { FileWatch } from "./watch.ts";

/** The listener asks its clients for a certificate. */
export interface ClientAuth {
  /** Refuse in the handshake; else whoever answers the connection looks at it and can say why (S-182). */
  readonly strict: boolean;
  /** Authorities of the clients; empty: those of the system (S-123). */
  readonly trustedCaFile: string;
}

export interface ServerTlsOptions {
  /** Names of the options the files come from, for people. */
  readonly option: string;
  readonly keyOption: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientAuth?: ClientAuth | undefined;
  /** A key that everybody on the host can read is refused instead of warned about (S-404). */
  readonly strictPermissions?: boolean;
  readonly log: Logger;
  readonly pollMs?: number;
  readonly now?: () => number;
}

export interface ReloadResult {
  readonly option: string;
  /** The listener has another pair, or other client authorities, than before. */
  readonly changed: boolean;
  /** End of validity in milliseconds, before and after. */
  readonly before: number;
  readonly after: number;
  /** Why the old pair stays. */
  readonly error?: string;
}

interface Material {
  readonly pair: Pair;
  readonly ca: readonly string[] | undefined;
  readonly identity: string;
}

/** A listener's TLS: `undefined` is plaintext. */
export type ServerTls = ServerTlsSource | undefined;

export class ServerTlsSource {
  readonly #options: ServerTlsOptions;
  readonly #now: () => number;
  readonly #watch: FileWatch;
  readonly #listeners = new Set<() => void>();
  #material: Material | undefined;
  #starting: Promise<void> | undefined;
  #lastError = "";

  constructor(options: ServerTlsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#watch = new FileWatch({
      files: () => this.#files(),
      changed: () => this.#swap().error === undefined,
      pollMs: options.pollMs,
    });
  }

  /** Rejects, in the original's words, when the files cannot serve. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#starting = undefined;
    await this.#watch.stop();
  }

  /** SIGHUP (S-163): loads whatever is there now and says what came of it. */
  async reload(): Promise<ReloadResult> {
    await this.#starting;
    const result = this.#swap();
    if (!result.changed && result.error === undefined) {
      this.#options.log.warn(this.#dates(result), `${this.#options.option} is unchanged`);
    }
    return result;
  }

  /** One round of the watch, now. */
  poll(): Promise<void> {
    return this.#watch.look();
  }

  /** What is served now, the leaf first. */
  certificates(): readonly CertificateInUse[] {
    const { option, certFile } = this.#options;
    const { leaf, chain } = this.#loaded().pair;
    return [leaf, ...chain].map((certificate) => certificateInUse(option, certFile, certificate));
  }

  get option(): string {
    return this.#options.option;
  }

  get certFile(): string {
    return this.#options.certFile;
  }

  get clientAuth(): ClientAuth | undefined {
    return this.#options.clientAuth;
  }

  get log(): Logger {
    return this.#options.log;
  }

  get leaf(): X509Certificate {
    return this.#loaded().pair.leaf;
  }

  /** After each swap. Returns the way out. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For `createServer` and `setSecureContext`. */
  serverOptions(): tls.SecureContextOptions & tls.TlsOptions {
    const { pair, ca } = this.#loaded();
    return contextOptions(pair, this.#options.clientAuth, ca);
  }

  async #start(): Promise<void> {
    const { option, keyOption, certFile, log } = this.#options;
    await this.#watch.start();
    try {
      this.#material = this.#load();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { leaf, keyFile: used } = this.#material.pair;
    for (const warning of keyWarnings(keyOption, this.#options, used)) log.warn({ option: keyOption }, warning);
    if (this.#material.pair.leftOut > 0)
      log.warn({ option }, `${option}: ${leftOutText(certFile)}; the rest is served`);
    const fault = this.#dateFault(leaf);
    // Served all the same: refusing would shut the operator out (S-482).
    if (fault !== undefined)
      log.error({ option, path: certFile }, `${option} ${certFile}: ${fault}; it is served all the same`);
  }

  #loaded(): Material {
    if (this.#material === undefined) throw new Error(`TLS source ${this.#options.option} was not started`);
    return this.#material;
  }

  #files(): string[] {
    const { certFile, keyFile, clientAuth } = this.#options;
    const files = [certFile, keyFile];
    if (this.#material) files.push(this.#material.pair.keyFile);
    if (clientAuth) files.push(...(clientAuth.trustedCaFile === "" ? systemRootFiles() : [clientAuth.trustedCaFile]));
    return files;
  }

  #load(): Material {
    const { clientAuth, strictPermissions, keyOption } = this.#options;
    const pair = loadServerPair(this.#options);
    const unfit = unusable(pair.leaf);
    if (unfit !== undefined) {
      throw new SensuError("invalid", `Error loading tls server certificate: ${unfit} [${this.#options.certFile}]`);
    }
    if (strictPermissions) refuseExposed(keyOption, "private key", pair.keyFile);
    const ca = clientAuth && (clientAuth.trustedCaFile === "" ? systemRoots().pem : loadCa(clientAuth.trustedCaFile));
    try {
      tls.createSecureContext(contextOptions(pair, clientAuth, ca));
    } catch (error) {
      throw new SensuError("invalid", `Error loading tls server certificate: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return { pair, ca, identity: [pair.cert, pair.leaf.fingerprint256, ...(ca ?? [])].join("\n") };
  }

  #swap(): ReloadResult {
    const { option, log, certFile } = this.#options;
    const old = this.#loaded();
    const before = old.pair.leaf.validToDate.getTime();
    let loaded: Material;
    try {
      loaded = this.#load();
      if (loaded.identity !== old.identity) this.#refuseWorse(loaded.pair, old.pair.leaf);
    } catch (error) {
      const message = (error as Error).message;
      if (message !== this.#lastError) {
        log.error(
          { option, path: certFile, not_after: instant(before) },
          `${option} not reloaded, the present pair stays: ${message}`,
        );
      }
      this.#lastError = message;
      return { option, changed: false, before, after: before, error: message };
    }
    this.#lastError = "";
    const after = loaded.pair.leaf.validToDate.getTime();
    const changed = loaded.identity !== old.identity;
    this.#material = loaded;
    const result = { option, changed, before, after };
    if (changed) {
      log.warn(this.#dates(result), `${option} reloaded: new connections get the new pair`);
      for (const listener of this.#listeners) listener();
    }
    return result;
  }

  /**
   * Never a file that somebody is still writing, nor a pair outside its dates in the place of a valid one, but any that
   * lasts longer (S-162, S-482).
   */
  #refuseWorse({ leaf, leftOut }: Pair, old: X509Certificate): void {
    if (leftOut > 0) throw new SensuError("invalid", leftOutText(this.#options.certFile));
    const fault = this.#dateFault(leaf);
    if (fault === undefined) return;
    const oldIsValid = this.#dateFault(old) === undefined;
    if (!oldIsValid && leaf.validToDate > old.validToDate) return;
    throw new SensuError("invalid", `${this.#options.certFile}: ${fault}`);
  }

  #dateFault(leaf: X509Certificate): string | undefined {
    const now = this.#now();
    const subject = certificateInUse("", "", leaf).subject;
    if (now > leaf.validToDate.getTime())
      return `certificate ${subject} expired at ${instant(leaf.validToDate.getTime())}`;
    if (now < leaf.validFromDate.getTime()) {
      return `certificate ${subject} is not valid before ${instant(leaf.validFromDate.getTime())}`;
    }
    return undefined;
  }

  #dates({ before, after }: ReloadResult) {
    return { path: this.#options.certFile, old_not_after: instant(before), new_not_after: instant(after) };
  }
}

function leftOutText(certFile: string): string {
  return `x509: malformed certificate: one in ${certFile} is cut off or not base64`;
}

function contextOptions(pair: Pair, clientAuth: ClientAuth | undefined, ca: readonly string[] | undefined) {
  const asking = clientAuth && {
    requestCert: true,
    rejectUnauthorized: clientAuth.strict,
    ca: [...(ca ?? [])],
    // As Go does: an authority in the file is trusted though it is not self-signed.
    allowPartialTrustChain: true,
    // A resumed session repeats no check of the client's certificate (S-183).
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  return { ...PROFILE, cert: pair.cert, key: pair.key, honorCipherOrder: true, ...asking };
}
