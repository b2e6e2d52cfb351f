/** What OCSP responders say about certificates, remembered until it must be asked again (S-187, W-22). */
import { type Certificate, createOcspRequest, type OcspStatus, readOcspResponse } from "@sensu-ts/pki";
import { fetchBytes, isHttpUrl } from "./fetch.ts";

export interface OcspCheckerOptions {
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Told of every answer that could not be had or believed. */
  readonly failed: (url: string, error: unknown) => void;
}

interface Remembered {
  readonly status: OcspStatus["status"] | undefined;
  readonly until: number;
}

const MAX_ANSWER_BYTES = 256 << 10;
/** Requests up to this size go by GET (RFC 5019). */
const MAX_GET_BYTES = 256;
const AT_ONCE = 32;
const REMEMBERED = 10_000;
const MAX_AWAY = 1000;
/** For how long a failure, or an answer without end, is believed. */
const SHORT_MS = 60_000;
/** Clocks of responders may be ahead a little. */
const SKEW_MS = 300_000;

export class OcspChecker {
  readonly #options: OcspCheckerOptions;
  /** By issuer key and serial, oldest first. */
  readonly #answers = new Map<string, Remembered>();
  readonly #asking = new Map<string, Promise<OcspStatus["status"] | undefined>>();
  readonly #waiting: (() => void)[] = [];
  /** Responders that did not answer, and until when they are left alone: thousands of agents may name the same. */
  readonly #away = new Map<string, number>();
  #running = 0;

  constructor(options: OcspCheckerOptions) {
    this.#options = options;
  }

  /** Undefined: nobody could be asked (soft fail). Never rejects. */
  check(certificate: Certificate, issuer: Certificate): Promise<OcspStatus["status"] | undefined> {
    const urls = certificate.ocspUrls.filter(isHttpUrl);
    if (urls.length === 0) return Promise.resolve(undefined);
    const key = `${issuer.publicKeyInfo.toString("base64")} ${certificate.serial.toString("hex")}`;
    const known = this.#answers.get(key);
    if (known && known.until > this.#options.now()) return Promise.resolve(known.status);
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const asked = this.#ask(key, urls, certificate, issuer).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  async #ask(key: string, urls: readonly string[], certificate: Certificate, issuer: Certificate) {
    const deadline = this.#options.now() + this.#options.timeoutMs;
    await this.#turn();
    try {
      for (const url of urls) {
        const answer = await this.#askOne(url, deadline, certificate, issuer);
        if (answer === undefined) continue;
        this.#remember(key, answer.status, answer.nextUpdate?.getTime());
        return answer.status;
      }
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
    this.#remember(key, undefined, undefined);
    return undefined;
  }

  async #askOne(url: string, deadline: number, certificate: Certificate, issuer: Certificate) {
    try {
      const now = this.#options.now();
      if ((this.#away.get(url) ?? 0) > now) return undefined;
      if (now >= deadline) throw new Error(`no answer within ${this.#options.timeoutMs} ms`);
      const request = createOcspRequest(certificate, issuer);
      const short = request.length <= MAX_GET_BYTES;
      const bytes = await fetchBytes({
        url: short ? `${url.replace(/\/$/, "")}/${encodeURIComponent(request.toString("base64"))}` : url,
        timeoutMs: deadline - now,
        maxBytes: MAX_ANSWER_BYTES,
        ...(short ? {} : { body: { type: "application/ocsp-request", bytes: request } }),
      });
      const answer = readOcspResponse(bytes, certificate, issuer, new Date(this.#options.now()));
      const at = this.#options.now();
      if (answer.thisUpdate.getTime() > at + SKEW_MS) throw new Error("the answer is from the future");
      if (answer.nextUpdate && answer.nextUpdate.getTime() < at - SKEW_MS) throw new Error("the answer is out of date");
      return answer;
    } catch (error) {
      if (this.#away.size > MAX_AWAY) this.#away.clear();
      this.#away.set(url, this.#options.now() + SHORT_MS);
      this.#options.failed(url, error);
      return undefined;
    }
  }

  #remember(key: string, status: OcspStatus["status"] | undefined, until: number | undefined): void {
    this.#answers.delete(key);
    if (this.#answers.size >= REMEMBERED) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
    const shortest = this.#options.now() + SHORT_MS;
    this.#answers.set(key, { status, until: Math.max(until ?? 0, shortest) });
  }

  /** Resolves with one of the places for requests, which the one before hands over. */
  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
  }
}
