/**
 * Whether a certificate of a verified chain was revoked: by the configured lists, and by the lists and responders the
 * certificate names itself (S-185 to S-187). OpenSSL's own list checking is not used: one stale or missing list would
 * refuse everybody.
 */
import path from "node:path";
import { type Certificate, type Crl, formatName } from "@sensu-ts/pki";
import type { Logger } from "../../log.ts";
import { CrlSource, verifies } from "./crl-source.ts";
import { isHttpUrl } from "./fetch.ts";
import { OcspChecker } from "./ocsp-checker.ts";

export interface RevocationOptions {
  /** http, https, file URLs or paths. */
  readonly crlUrls: readonly string[];
  readonly refreshMs: number;
  /** Nobody is let in while a configured list cannot be relied on. */
  readonly hardFail: boolean;
  /** Ask the lists and responders that certificates name. */
  readonly checkCertificates: boolean;
  readonly stateDir: string;
  readonly log: Logger;
  readonly now?: () => number;
}

export interface CrlAtHand {
  /** URL or path. */
  readonly source: string;
  readonly issuer: string;
  /** Milliseconds. */
  readonly thisUpdate: number;
  /** 0: the list names no end. */
  readonly nextUpdate: number;
}

/** For the first fetch of configured lists, and each later one. */
const FETCH_MS = 10_000;
/** A connection waits no longer than this for what its certificate names (S-187). */
const ON_DEMAND_MS = 5000;
const RETRY_MS = 60_000;
const FILE_MS = 10_000;
const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000;
const POINTS = 64;
const NOT_KEPT = "a revocation list cannot be kept on disk: after a restart it must be fetched before it counts";

interface Point {
  readonly source: CrlSource;
  nextAt: number;
}

export class Revocation {
  readonly #options: RevocationOptions;
  readonly #now: () => number;
  readonly #configured: readonly CrlSource[];
  /** Lists that certificates name, by URL, oldest first. */
  readonly #points = new Map<string, Point>();
  readonly #ocsp: OcspChecker;
  readonly #timers = new Map<CrlSource, NodeJS.Timeout>();
  readonly #logged = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #authorities: () => readonly Certificate[] = () => [];
  #running = false;

  constructor(options: RevocationOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const folder = path.join(options.stateDir, "crl");
    this.#configured = options.crlUrls.map(
      (url) =>
        new CrlSource({
          ...{ url, folder, timeoutMs: FETCH_MS, now: this.#now },
          notKept: (error) => this.#complain("error", url, error, NOT_KEPT),
        }),
    );
    this.#ocsp = new OcspChecker({
      timeoutMs: ON_DEMAND_MS,
      now: this.#now,
      failed: (url, error) => this.#complain("warn", url, error, "OCSP responder gave no usable answer"),
    });
  }

  /** `authorities`: whose signature on a configured list counts. Resolves after the first attempt to fetch each list. */
  async start(authorities: () => readonly Certificate[]): Promise<void> {
    this.#authorities = authorities;
    this.#running = true;
    await Promise.all(
      this.#configured.map(async (source) => {
        await source.load(this.#trust);
        await this.#refresh(source);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#running = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  crls(): readonly CrlAtHand[] {
    return this.#configured.flatMap(({ url, crl }) => {
      if (!crl) return [];
      const [thisUpdate, nextUpdate] = [crl.thisUpdate.getTime(), crl.nextUpdate?.getTime() ?? 0];
      return [{ source: url, issuer: formatName(crl.issuer), thisUpdate, nextUpdate }];
    });
  }

  /** Fetches all configured lists now. */
  async refresh(): Promise<void> {
    await Promise.all(this.#configured.map((source) => this.#refresh(source)));
  }

  /** A configured list changed: sessions must be looked at again. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Why nobody may come in now (hard fail); undefined when people may. */
  get obstacle(): string | undefined {
    if (!this.#options.hardFail) return undefined;
    const problem = this.#configured.map((source) => source.problem).find((one) => one !== undefined);
    return problem === undefined ? undefined : `revocation cannot be checked: ${problem}`;
  }

  /** Why a certificate of the chain (leaf first, trusted one last) is refused; undefined when none is. */
  async check(chain: readonly Certificate[]): Promise<string | undefined> {
    for (const [at, certificate] of chain.entries()) {
      const issuer = chain[at + 1];
      if (!issuer) break;
      const signers = [issuer, ...this.#authorities().filter((one) => one.subject.equals(certificate.issuer))];
      const listed =
        this.#listedIn(this.#configured, certificate, signers) ??
        (this.#options.checkCertificates ? await this.#checkNamed(certificate, issuer, signers) : undefined);
      if (listed !== undefined) return `certificate is revoked (${listed})`;
    }
    return undefined;
  }

  #listedIn(sources: Iterable<CrlSource>, certificate: Certificate, signers: readonly Certificate[]) {
    const serial = certificate.serial.toString("hex");
    for (const source of sources) {
      if (!source.crl?.serials.has(serial)) continue;
      if (signers.some((signer) => source.speaksFor(signer))) return `serial ${serial.toUpperCase()} in ${source.url}`;
    }
    return undefined;
  }

  async #checkNamed(certificate: Certificate, issuer: Certificate, signers: readonly Certificate[]) {
    const trust = (crl: Crl) => signers.some((signer) => verifies(crl, signer));
    const [points, status] = await Promise.all([
      Promise.all(certificate.crlUrls.filter(isHttpUrl).map((url) => this.#point(url, trust))),
      this.#ocsp.check(certificate, issuer),
    ]);
    if (status !== undefined && status !== "good") return `OCSP status ${status}`;
    return this.#listedIn(points, certificate, signers);
  }

  /** The list a certificate names, fetched when it is time. */
  async #point(url: string, trust: (crl: Crl) => boolean): Promise<CrlSource> {
    let point = this.#points.get(url);
    if (!point) {
      for (const oldest of this.#points.keys()) {
        if (this.#points.size < POINTS) break;
        this.#points.delete(oldest);
      }
      point = { source: new CrlSource({ url, timeoutMs: ON_DEMAND_MS, now: this.#now }), nextAt: 0 };
      this.#points.set(url, point);
    }
    if (this.#now() < point.nextAt) return point.source;
    await point.source.refresh(trust);
    point.nextAt = this.#nextAt(point.source);
    const { problem } = point.source;
    if (problem !== undefined) this.#complain("warn", url, problem, "revocation list of a certificate is not at hand");
    return point.source;
  }

  readonly #trust = (crl: Crl): boolean => this.#authorities().some((authority) => verifies(crl, authority));

  async #refresh(source: CrlSource): Promise<void> {
    const changed = await source.refresh(this.#trust);
    if (!this.#running) return;
    if (source.problem !== undefined) {
      const how = this.#options.hardFail ? "no agent is let in" : "using the last copy";
      this.#complain("error", source.url, source.problem, `error refreshing a revocation list, ${how}`);
    }
    clearTimeout(this.#timers.get(source));
    const wait = Math.min(Math.max(this.#nextAt(source) - this.#now(), SHORTEST_MS), LONGEST_MS);
    this.#timers.set(
      source,
      setTimeout(() => void this.#refresh(source), wait),
    );
    if (!changed) return;
    const { crl } = source;
    this.#options.log.info(
      { url: source.url, revoked: crl?.serials.size ?? 0, next_update: crl?.nextUpdate?.toISOString() ?? "" },
      "revocation list loaded",
    );
    for (const listener of this.#listeners) listener();
  }

  #nextAt({ problem, crl, url }: CrlSource): number {
    const now = this.#now();
    const longest = isHttpUrl(url) ? this.#options.refreshMs : Math.min(this.#options.refreshMs, FILE_MS);
    if (problem !== undefined) return now + Math.min(longest, RETRY_MS);
    return Math.min(now + longest, crl?.nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY);
  }

  /** Once a minute for each place. */
  #complain(level: "warn" | "error", url: string, error: unknown, message: string): void {
    const now = this.#now();
    if (now - (this.#logged.get(url) ?? Number.NEGATIVE_INFINITY) < RETRY_MS) return;
    if (this.#logged.size > 1000) this.#logged.clear();
    this.#logged.set(url, now);
    this.#options.log[level]({ url, error }, message);
  }
}
