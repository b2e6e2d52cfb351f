/**
 * How long the certificates of this backend are good for, told in the log, as a metric, in `/health` and as an event on
 * the backend's own entity (S-103).
 */
import { randomUUID } from "node:crypto";
import { Check, type Entity, Event, type Json, ObjectMeta, parseUuid } from "@sensu-ts/core";
import { type CertificateInUse, type Clock, FileWatch, instant, type Logger } from "@sensu-ts/runtime";
import { Gauge, type Registry } from "prom-client";

const DAY_MS = 86_400_000;
const ROUND_MS = DAY_MS / 2;
const WARNING_MS = 30 * DAY_MS;
const CRITICAL_MS = 7 * DAY_MS;
/** Events are at least this far apart. */
const EVENT_GAP_MS = 30_000;
export const CERTIFICATES_CHECK = "certificates";

export interface CertificatesOptions {
  /** Everything that the backend serves or trusts by its options, as it is now. Reads files. */
  readonly current: () => readonly CertificateInUse[];
  /** Files whose change is a reason to look again. */
  readonly files: () => readonly string[];
  /** Stores an event. */
  readonly submit: (event: Event) => Promise<void>;
  readonly entity: Entity;
  /** Where the event belongs now (U-328). */
  readonly namespace: () => string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Statuses of checks. */
type Status = 0 | 1 | 2;

export class Certificates {
  readonly #options: CertificatesOptions;
  readonly #gauge: Gauge;
  readonly #watch: FileWatch;
  #known: readonly CertificateInUse[] = [];
  #round: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #sentTo = "";
  #sending: Promise<void> = Promise.resolve();

  constructor(options: CertificatesOptions) {
    this.#options = options;
    this.#gauge = new Gauge({
      name: "sensu_go_tls_certificate_not_after_seconds",
      help: "End of validity of each certificate that this backend is configured with, Unix seconds",
      labelNames: ["option", "path", "cn", "serial"],
      registers: [options.registry],
    });
    this.#watch = new FileWatch({
      files: options.files,
      changed: () => {
        this.look();
        return true;
      },
    });
  }

  async start(): Promise<void> {
    this.#round ??= setInterval(() => this.look(), ROUND_MS).unref();
    await this.#watch.start();
    this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#round);
    clearTimeout(this.#next);
    this.#round = undefined;
    this.#next = undefined;
    await this.#watch.stop();
    await this.#sending;
  }

  /** Reads everything anew: every 12 h, and whenever something was reloaded. */
  look(): void {
    const { current, log, clock } = this.#options;
    const before = this.#signature();
    this.#known = current();
    this.#gauge.reset();
    for (const { option, path, commonName, serial, notAfter } of this.#known) {
      this.#gauge.set({ option, path, cn: commonName, serial }, Math.floor(notAfter / 1000));
    }
    for (const certificate of this.#known) {
      const status = statusOf(certificate, clock.now());
      if (status === 0) continue;
      const fields = { option: certificate.option, path: certificate.path, serial: certificate.serial };
      log[status === 2 ? "error" : "warn"](fields, sentence(certificate, clock.now()));
    }
    // Without certificates there is nothing to tell, but the end of what was told.
    if (this.#known.length > 0 || before !== "") this.#sendSoon();
  }

  /** For `/health`, which anybody may read: what the handshake shows anyway, no paths. */
  health(): Json {
    const now = this.#options.clock.now();
    return this.#known.map((certificate) => ({
      Option: certificate.option,
      CommonName: certificate.commonName,
      Serial: certificate.serial,
      NotAfter: instant(certificate.notAfter),
      Healthy: statusOf(certificate, now) === 0,
    }));
  }

  #signature(): string {
    return this.#known.map(({ option, fingerprint }) => `${option} ${fingerprint}`).join("\n");
  }

  #sendSoon(): void {
    if (this.#next) return;
    const wait = Math.max(0, this.#sentAt + EVENT_GAP_MS - this.#options.clock.now());
    this.#next = setTimeout(() => {
      this.#next = undefined;
      this.#sentAt = this.#options.clock.now();
      this.#sending = this.#send();
    }, wait).unref();
  }

  async #send(): Promise<void> {
    const { submit, namespace } = this.#options;
    const [to, before] = [namespace(), this.#sentTo];
    try {
      await submit(this.#event(to));
      this.#sentTo = to;
      // Nobody would resolve what was told there.
      if (before !== "" && before !== to) await submit(this.#event(before, `told in namespace ${to} from now on\n`));
    } catch (error) {
      this.#options.log.error({ error }, "error storing the event of the certificates");
      if (this.#round) this.#sendSoon();
    }
  }

  /** With a text of its own it is in order whatever the certificates are. */
  #event(namespace: string, text?: string): Event {
    const { clock, entity } = this.#options;
    const now = clock.now();
    const sorted = text === undefined ? this.#known.toSorted((a, b) => a.notAfter - b.notAfter) : [];
    const status = Math.max(0, ...sorted.map((certificate) => statusOf(certificate, now)));
    const seconds = Math.floor(now / 1000);
    return Event.create({
      timestamp: seconds,
      id: parseUuid(randomUUID()),
      entity: { ...entity, metadata: { ...entity.metadata, namespace } },
      metadata: ObjectMeta.create({ namespace }),
      check: Check.create({
        metadata: ObjectMeta.create({ name: CERTIFICATES_CHECK, namespace }),
        interval: ROUND_MS / 1000,
        ...{ issued: seconds, executed: seconds, status },
        output: text ?? (sorted.map((one) => `${sentence(one, now)}\n`).join("") || "no certificates\n"),
      }),
    });
  }
}

/** One that is not valid yet refuses its users like an expired one. */
function statusOf({ notBefore, notAfter }: CertificateInUse, now: number): Status {
  const left = notAfter - now;
  if (left <= CRITICAL_MS || now < notBefore) return 2;
  return left <= WARNING_MS ? 1 : 0;
}

function sentence({ option, path, subject, serial, notBefore, notAfter }: CertificateInUse, now: number): string {
  const whose = `${option} ${path}: certificate ${subject || "without subject"}, serial ${serial},`;
  if (now < notBefore) return `${whose} is not valid before ${instant(notBefore)}`;
  if (now > notAfter) return `${whose} expired at ${instant(notAfter)}: renew it, for instance with sensu-pki renew`;
  return `${whose} is valid until ${instant(notAfter)}, ${Math.floor((notAfter - now) / DAY_MS)} days left`;
}
