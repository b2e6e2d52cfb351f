/**
 * The certificates that agents of this backend have shown, kept for 30 days after the last connect (U-321). They are
 * read from memory; the store gets them later and in batches, so that a restart forgets at most what came in the last
 * seconds before a crash.
 */
import type { Clock, Logger, PeerCertificate } from "@sensu-ts/runtime";
import type { Kv, KvOp } from "@sensu-ts/store";

const ROOT = "/sensu.io/shown_certificates/";
const KEPT_MS = 30 * 86_400_000;
/** Some 3 KiB each. */
const MAX_KEPT = 20_000;
/** A longer chain is kept as its leaf. */
const MAX_CHAIN_BYTES = 32 * 1024;
const WRITE_MS = 5000;
/** Records written every `WRITE_MS`: agents that connect again and again must not keep the store busy. */
const AT_ONCE = 1000;
const PAGE = 500;

export interface ShownCertificate {
  /** DER of the leaf, then of what was sent with it. */
  readonly chain: readonly Buffer[];
  /** SHA-256 of the leaf, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly namespace: string;
  readonly entity: string;
  readonly address: string;
  readonly revoked: boolean;
  /** Milliseconds. */
  readonly seenAt: number;
}

export interface ShownCertificatesOptions {
  readonly kv: Pick<Kv, "range" | "txn">;
  readonly clock: Clock;
  readonly log: Logger;
}

export class ShownCertificates {
  readonly #options: ShownCertificatesOptions;
  /** By agent, the one that connected longest ago first. */
  readonly #shown = new Map<string, ShownCertificate>();
  /** Agents whose record in the store is not as in memory. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: ShownCertificatesOptions) {
    this.#options = options;
  }

  /** Takes up what the store has. */
  async start(): Promise<void> {
    if (this.#timer) return;
    await this.#load();
    this.#timer = setInterval(() => void this.#write(AT_ONCE), WRITE_MS).unref();
  }

  /** Writes what was not written yet. */
  async stop(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    await this.#write(Number.POSITIVE_INFINITY);
  }

  /** The agent's newest replaces the one before. */
  add(agent: { namespace: string; name: string }, peer: PeerCertificate, address: string): void {
    const key = keyOf(agent.namespace, agent.name);
    const chain = [peer.raw, ...peer.chain];
    const bytes = chain.reduce((sum, { length }) => sum + length, 0);
    this.#shown.delete(key);
    this.#shown.set(key, {
      chain: bytes <= MAX_CHAIN_BYTES ? chain : [peer.raw],
      fingerprint: peer.fingerprint256,
      notAfter: peer.notAfter,
      namespace: agent.namespace,
      entity: agent.name,
      ...{ address, revoked: false, seenAt: this.#options.clock.now() },
    });
    this.#changed.add(key);
    this.#sweep();
  }

  /** The agent's session was ended, or refused, because its certificate is revoked. */
  revoked(agent: { namespace: string; name: string }, fingerprint: string): void {
    const key = keyOf(agent.namespace, agent.name);
    const shown = this.#shown.get(key);
    if (shown?.fingerprint !== fingerprint) return;
    this.#shown.set(key, { ...shown, revoked: true });
    this.#changed.add(key);
  }

  list(): readonly ShownCertificate[] {
    const now = this.#options.clock.now();
    return [...this.#shown.values()].filter(({ seenAt }) => now - seenAt < KEPT_MS);
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    for (const [oldest, { seenAt }] of this.#shown) {
      if (this.#shown.size <= MAX_KEPT && now - seenAt < KEPT_MS) break;
      this.#shown.delete(oldest);
      // A deletion that finds no room here is made up for at the next start.
      if (this.#changed.size < 2 * MAX_KEPT) this.#changed.add(oldest);
      else this.#changed.delete(oldest);
    }
  }

  async #load(): Promise<void> {
    const { kv, log } = this.#options;
    const found: [string, ShownCertificate][] = [];
    for (let after: string | undefined, more = true; more; ) {
      const page = await kv.range({ prefix: ROOT, limit: PAGE, ...(after === undefined ? {} : { after }) });
      for (const { key, value } of page.entries) {
        const shown = decode(value);
        if (shown) found.push([key, shown]);
        else {
          log.error({ key }, "record of a certificate that an agent has shown is damaged; it is deleted");
          this.#changed.add(key);
        }
      }
      after = page.entries.at(-1)?.key;
      more = page.more;
    }
    for (const [key, shown] of found.sort(([, a], [, b]) => a.seenAt - b.seenAt)) this.#shown.set(key, shown);
    this.#sweep();
  }

  /** Never rejects; what could not be written waits for the next time. */
  #write(most: number): Promise<void> {
    this.#sweep();
    this.#writing ??= this.#writeChanges(most).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeChanges(most: number): Promise<void> {
    const { kv, log } = this.#options;
    const keys = [...this.#changed].slice(0, most);
    for (let i = 0; i < keys.length; i += PAGE) {
      const some = keys.slice(i, i + PAGE);
      for (const key of some) this.#changed.delete(key);
      try {
        await kv.txn(
          [],
          some.map((key) => this.#operation(key)),
        );
      } catch (error) {
        for (const key of some) this.#changed.add(key);
        log.error({ error }, "error storing the certificates that agents have shown; trying again");
        return;
      }
    }
  }

  #operation(key: string): KvOp {
    const shown = this.#shown.get(key);
    return shown ? { op: "put", key, value: encode(shown) } : { op: "delete", key };
  }
}

function keyOf(namespace: string, agent: string): string {
  return `${ROOT}${namespace}/${agent}`;
}

function encode(shown: ShownCertificate): Uint8Array {
  return Buffer.from(JSON.stringify({ ...shown, chain: shown.chain.map((der) => der.toString("base64")) }));
}

function decode(value: Uint8Array): ShownCertificate | undefined {
  try {
    const stored = JSON.parse(Buffer.from(value).toString()) as Omit<ShownCertificate, "chain"> & { chain: string[] };
    return { ...stored, chain: stored.chain.map((der) => Buffer.from(der, "base64")) };
  } catch {
    return undefined;
  }
}
