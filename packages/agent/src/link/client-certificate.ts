/** The agent's own certificate: how long it lasts, and when its renewal calls for a new session (S-151, S-152). */
import {
  type CertificateInUse,
  type ClientTls,
  certificateInUse,
  FileWatch,
  instant,
  keyWarnings,
  type Logger,
  loadClientPair,
} from "@sensu-ts/runtime";
import type { OwnCertificate } from "./dial.ts";

export interface ClientCertificateOptions {
  readonly tls: ClientTls;
  /** The certificate of the present session. */
  readonly inSession: () => OwnCertificate | undefined;
  /** Ends the present session for a new one. */
  readonly renewSession: () => void;
  readonly log: Logger;
  /** Milliseconds. */
  readonly now: () => number;
  readonly pollMs?: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A session goes on with a replaced certificate until this little of it is left. */
const RENEW_MS = DAY_MS;
const WARNING_MS = 30 * DAY_MS;
const ERROR_MS = 7 * DAY_MS;

export class ClientCertificate {
  readonly #options: ClientCertificateOptions;
  readonly #watch: FileWatch;
  readonly #timers: NodeJS.Timeout[] = [];
  #inFile: CertificateInUse | undefined;
  /** The file that the key was read from last: the configured one, or one that fits in its place (S-475). */
  #keyFile = "";

  constructor(options: ClientCertificateOptions) {
    this.#options = options;
    const { certFile = "", keyFile = "" } = options.tls;
    this.#watch = new FileWatch({
      files: () => [certFile, keyFile, this.#keyFile || keyFile],
      changed: () => this.#changed(),
      pollMs: options.pollMs,
    });
  }

  /** What the file holds, `undefined` while that cannot be read. */
  get inFile(): CertificateInUse | undefined {
    return this.#inFile;
  }

  async start(): Promise<void> {
    await this.#watch.start();
    try {
      this.#read();
    } catch (error) {
      this.#options.log.error({ error }, "the client certificate cannot be used");
    }
    this.#report();
    this.#timers.push(
      setInterval(() => this.#renewIfDue(), HOUR_MS),
      setInterval(() => this.#report(), DAY_MS),
    );
  }

  /** Looks at the files now instead of at the next poll. */
  async look(): Promise<void> {
    await this.#watch.look();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.#watch.stop();
  }

  /** False while the pair cannot be used: one of its files may not have been replaced yet. */
  #changed(): boolean {
    const before = this.#inFile?.fingerprint;
    try {
      this.#read();
    } catch (error) {
      this.#options.log.warn({ error }, "the client certificate has changed and cannot be used yet");
      return false;
    }
    if (this.#inFile?.fingerprint !== before) this.#report();
    this.#renewIfDue();
    return true;
  }

  #read(): void {
    const { tls, log } = this.#options;
    const { certFile = "", keyFile = "" } = tls;
    const pair = loadClientPair({ certFile, keyFile });
    if (pair.keyFile !== this.#keyFile) {
      for (const warning of keyWarnings("key-file", { certFile, keyFile }, pair.keyFile)) log.warn({}, warning);
    }
    this.#keyFile = pair.keyFile;
    this.#inFile = certificateInUse("cert-file", certFile, pair.leaf);
  }

  #report(): void {
    const { log, now } = this.#options;
    if (this.#inFile === undefined) return;
    const left = this.#inFile.notAfter - now();
    const fields = factsOf(this.#inFile);
    if (left <= 0) log.error(fields, "the client certificate has expired");
    else if (left <= ERROR_MS) log.error(fields, `the client certificate expires in ${days(left)}`);
    else if (left <= WARNING_MS) log.warn(fields, `the client certificate expires in ${days(left)}`);
    else log.info(fields, `the client certificate is valid for ${days(left)}`);
  }

  #renewIfDue(): void {
    const { inSession, renewSession, log, now } = this.#options;
    const used = inSession();
    const next = this.#inFile;
    if (used === undefined || next === undefined || next.notAfter <= used.notAfter) return;
    if (used.notAfter - now() >= RENEW_MS) return;
    log.info(factsOf(next), "the client certificate was replaced and the session's own ends soon: connecting again");
    renewSession();
  }
}

function factsOf({ path, subject, serial, notAfter }: CertificateInUse) {
  return { path, subject, serial, not_after: instant(notAfter) };
}

function days(ms: number): string {
  const whole = Math.floor(ms / DAY_MS);
  return whole === 1 ? "1 day" : `${whole} days`;
}
