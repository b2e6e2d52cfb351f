/** One place that publishes a revocation list, and the last good list from there (S-185, S-186). */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { SensuError } from "@sensu-ts/core";
import { type Certificate, type Crl, fromPem, readCrl } from "@sensu-ts/pki";
import { fetchBytes } from "./fetch.ts";

/** Larger lists would stop the event loop for too long while they are read. */
export const MAX_CRL_BYTES = 8 << 20;

/** DER, PEM, or one line of base64 as cfssl prints it. Throws `SensuError("invalid")`. */
export function decodeCrl(bytes: Buffer): { readonly der: Buffer; readonly crl: Crl } {
  try {
    const text = bytes[0] === 0x30 ? "" : bytes.toString("latin1").trim();
    let der = bytes;
    if (text.startsWith("-----BEGIN")) der = fromPem(text, "X509 CRL")[0] ?? Buffer.alloc(0);
    else if (text !== "") der = Buffer.from(text, "base64");
    const crl = readCrl(der);
    if (crl.partial) throw new SensuError("invalid", "it is a delta or indirect list, which is not supported");
    return { der, crl };
  } catch (error) {
    const why = error instanceof SensuError ? error.message : "cannot be read";
    throw new SensuError("invalid", `not a revocation list: ${why}`, { cause: error });
  }
}

export interface CrlSourceOptions {
  readonly url: string;
  /** Where the last good list is kept over restarts; absent: nowhere. */
  readonly folder?: string;
  readonly timeoutMs: number;
  readonly now: () => number;
  /** The list counts, but cannot be kept. */
  readonly notKept?: (error: unknown) => void;
}

/** Whether somebody entitled signed the list. */
export type CrlTrust = (crl: Crl) => boolean;

export class CrlSource {
  readonly url: string;
  readonly #options: CrlSourceOptions;
  readonly #file: string | undefined;
  #crl: Crl | undefined;
  #der: Buffer | undefined;
  #error: Error | undefined;
  #refreshing: Promise<boolean> | undefined;
  #verified = new Map<string, boolean>();

  constructor(options: CrlSourceOptions) {
    this.url = options.url;
    this.#options = options;
    const name = createHash("sha256").update(options.url).digest("hex").slice(0, 32);
    this.#file = options.folder === undefined ? undefined : path.join(options.folder, `${name}.crl`);
  }

  /** The last good list. */
  get crl(): Crl | undefined {
    return this.#crl;
  }

  /** Why the list cannot be relied on now; undefined when it can. */
  get problem(): string | undefined {
    if (this.#error) return this.#error.message;
    if (!this.#crl) return "not fetched yet";
    const { nextUpdate } = this.#crl;
    if (nextUpdate && nextUpdate.getTime() <= this.#options.now()) {
      return `${this.url}: the list should have been renewed at ${nextUpdate.toISOString()}`;
    }
    return undefined;
  }

  /** Takes the list kept on disk, if there is one that is trusted. */
  async load(trust: CrlTrust): Promise<void> {
    if (this.#file === undefined) return;
    const bytes = await readFile(this.#file).catch(() => undefined);
    if (bytes === undefined || bytes.length > MAX_CRL_BYTES) return;
    try {
      const { der, crl } = decodeCrl(bytes);
      if (trust(crl)) this.#take(der, crl);
    } catch {
      // A damaged copy is as good as none; the next fetch replaces it.
    }
  }

  /** Fetches the list; true when it changed. Never rejects: {@link problem} tells. One fetch at a time. */
  refresh(trust: CrlTrust): Promise<boolean> {
    this.#refreshing ??= this.#fetch(trust).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Whether the list speaks for certificates of this issuer, and its signature is that issuer's. */
  speaksFor(issuer: Certificate): boolean {
    if (!this.#crl?.issuer.equals(issuer.subject)) return false;
    const key = issuer.publicKeyInfo.toString("base64");
    let verified = this.#verified.get(key);
    if (verified === undefined) {
      verified = verifies(this.#crl, issuer);
      this.#verified.set(key, verified);
    }
    return verified;
  }

  async #fetch(trust: CrlTrust): Promise<boolean> {
    try {
      const { url, timeoutMs } = this.#options;
      const bytes = await fetchBytes({ url, timeoutMs, maxBytes: MAX_CRL_BYTES });
      const { der, crl } = decodeCrl(bytes);
      if (this.#der && der.equals(this.#der)) {
        this.#error = undefined;
        return false;
      }
      if (!trust(crl)) {
        throw new SensuError("invalid", "the revocation list is not signed by a trusted certificate authority");
      }
      if (this.#crl?.issuer.equals(crl.issuer) && crl.thisUpdate < this.#crl.thisUpdate) {
        throw new SensuError("invalid", "the revocation list is older than the one at hand");
      }
      this.#take(der, crl);
      this.#error = undefined;
      await this.#keep(der).catch((error: unknown) => this.#options.notKept?.(error));
      return true;
    } catch (error) {
      const text = (error as Error).message;
      this.#error = new Error(text.startsWith(this.url) ? text : `${this.url}: ${text}`, { cause: error });
      return false;
    }
  }

  #take(der: Buffer, crl: Crl): void {
    this.#der = der;
    this.#crl = crl;
    this.#verified = new Map();
  }

  async #keep(der: Buffer): Promise<void> {
    if (this.#file === undefined) return;
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, der, { mode: 0o600 });
    await rename(fresh, this.#file);
  }
}

/** An algorithm that is not supported verifies nothing. */
export function verifies(crl: Crl, issuer: Certificate): boolean {
  try {
    return crl.verify(issuer);
  } catch {
    return false;
  }
}
