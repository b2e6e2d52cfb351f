/**
 * Keeps the agent connected (section 9 of the agent specification): chooses a backend, dials with back-off, runs the
 * session, and feeds it from the send queue. Order of one connection: W-73.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  CheckRequest,
  decodeJson,
  decodeProto,
  type Encoding,
  EntityConfig,
  Event,
  encodeJson,
  encodeProto,
  type Frame,
  MESSAGE,
  type MessageType,
} from "@sensu-ts/core";
import { LONGEST_TIMER_MS, type Logger } from "@sensu-ts/runtime";
import type { LinkSettings } from "../app/settings.ts";
import { Backoff } from "./backoff.ts";
import { dial, type Identity, type OpenSocket, type OwnCertificate } from "./dial.ts";
import { SendQueue } from "./send-queue.ts";
import { Session } from "./session.ts";

/** What the link tells and asks the rest of the agent. */
export interface LinkOwner {
  /** A new connection is about to be sought: sequences and the backend's entity configuration no longer hold. */
  reset(): void;
  entityConfig(config: EntityConfig): void;
  checkRequest(request: CheckRequest): void;
  /** Ids of 16 bytes each that the backend has committed. */
  acknowledged(ids: Uint8Array): void;
  /** Builds the next keepalive. */
  keepalive(): Event;
}

export interface OutgoingEvent {
  readonly event: Event;
  /** Called when the event is written to the socket; `acknowledges`: the backend will say when it is safe. */
  readonly written?: (acknowledges: boolean) => void;
}

export interface LinkOptions {
  readonly settings: LinkSettings;
  readonly identity: Identity;
  /** Seconds. */
  readonly keepaliveInterval: number;
  /** Do not wait for the backend's entity configuration. */
  readonly agentManaged: boolean;
  readonly owner: LinkOwner;
  readonly log: Logger;
  /** Waits for the backend's entity configuration; tests shorten it. */
  readonly entityConfigGraceMs?: number;
}

/** Counters of the agent's own metrics (W-76). */
export interface LinkCounters {
  received: number;
  sent: number;
  dropped: number;
  connections: number;
  errors: number;
}

const QUEUE_LENGTH = 10;
const ENTITY_CONFIG_GRACE_MS = 10_000;
/** A session that lived this long ends an outage; a shorter one continues it (W-71). */
const STABLE_MS = 10_000;

export class Link {
  readonly counters: LinkCounters = { received: 0, sent: 0, dropped: 0, connections: 0, errors: 0 };
  readonly #options: LinkOptions;
  readonly #queue = new SendQueue<OutgoingEvent>(QUEUE_LENGTH);
  readonly #stop = new AbortController();
  readonly #urls: readonly string[];
  #nextUrl = 0;
  #running: Promise<void> | undefined;
  #session: Session | undefined;
  #certificate: OwnCertificate | undefined;
  #lastEncoding: Encoding | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#urls = shuffled(options.settings.urls);
  }

  get connected(): boolean {
    return this.#session !== undefined && !this.#session.ended.aborted;
  }

  /** The client certificate of the present session. */
  get certificate(): OwnCertificate | undefined {
    return this.connected ? this.#certificate : undefined;
  }

  /** Ends the session for a new one, which reads the TLS files anew. */
  renew(): void {
    this.#session?.expire();
  }

  /** Resolves when the event is in the queue; waits while that is full. */
  send(outgoing: OutgoingEvent): Promise<void> {
    return this.#queue.put(outgoing);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says goodbye to the backend. What is still in the queue is lost. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#session?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { settings, identity, log, owner } = this.#options;
    const backoff = new Backoff(settings.retry);
    while (!this.#stop.signal.aborted) {
      owner.reset();
      await delay(backoff.next(), undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      const url = this.#urls[this.#nextUrl++ % this.#urls.length] as string;
      log.info({}, `connecting to backend URL ${JSON.stringify(url)}`);
      let open: OpenSocket;
      try {
        open = await dial({ url, settings, identity, lastEncoding: this.#lastEncoding, signal: this.#stop.signal });
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.counters.errors++;
        log.error({ error }, "reconnection attempt failed");
        continue;
      }
      log.info({ "backend-id": open.backendId, "backend-url": url }, "successfully connected");
      this.counters.connections++;
      this.#lastEncoding = open.encoding;
      const since = performance.now();
      const session = await this.#serve(open);
      // The agreed end of a session is no outage: on to the next backend without delay (W-74).
      if (session.expired || performance.now() - since >= STABLE_MS) backoff.reset();
    }
  }

  async #serve(open: OpenSocket): Promise<Session> {
    const { settings, log, owner, agentManaged, entityConfigGraceMs = ENTITY_CONFIG_GRACE_MS } = this.#options;
    const session = new Session(open, settings);
    const content_type = session.encoding === "protobuf" ? "application/octet-stream" : "application/json";
    this.#session = session;
    this.#certificate = open.certificate;
    let ready = agentManaged;
    const configured = new Promise<void>((resolve) => {
      session.start((frame) => {
        this.counters.received++;
        log.info({ type: frame.type, content_type, payload_size: frame.payload.length }, "message received");
        try {
          if (frame.type === MESSAGE.entityConfig) {
            const config = decode(session.encoding, EntityConfig, frame);
            owner.entityConfig(config);
            if (config.metadata !== undefined) resolve();
          } else if (frame.type === MESSAGE.checkRequest) {
            // Until the entity is known a check would run with stale data; the backend sends it again.
            if (ready) owner.checkRequest(decode(session.encoding, CheckRequest, frame));
          } else if (frame.type === MESSAGE.eventAck) {
            owner.acknowledged(frame.payload);
          } else {
            log.error({ type: frame.type, error: "no handler for this type" }, "error handling message");
          }
        } catch (error) {
          log.error({ type: frame.type, error }, "error handling message");
        }
      });
    });
    if (this.#stop.signal.aborted) session.close();
    if (!ready && (await first(configured, entityConfigGraceMs, session.ended)) === "late") {
      log.warn({}, "the initial entity config was never received, using the local entity");
    }
    ready = true;
    const every = Math.min(this.#options.keepaliveInterval * 1000, LONGEST_TIMER_MS);
    const keepalives = setInterval(() => this.#keepalive(session), every);
    this.#keepalive(session);
    await this.#pump(session, content_type, open.acknowledges);
    clearInterval(keepalives);
    if (session.reason !== "") {
      this.counters.errors++;
      log.error({ error: session.reason }, "transport receive error");
    }
    return session;
  }

  #keepalive(session: Session): void {
    if (session.ended.aborted) return;
    const { owner, log } = this.#options;
    try {
      const payload = encode(session.encoding, owner.keepalive());
      session.write(MESSAGE.keepalive, payload).then(
        () => this.counters.sent++,
        () => this.counters.dropped++,
      );
    } catch (error) {
      log.error({ error }, "error sending keepalive");
    }
  }

  async #pump(session: Session, content_type: string, acknowledges: boolean): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      const outgoing = await this.#queue.take(session.ended);
      if (outgoing === undefined) return;
      let payload: Uint8Array | string;
      try {
        payload = encode(session.encoding, outgoing.event);
      } catch (error) {
        this.counters.dropped++;
        log.error({ error }, "error marshaling check result");
        continue;
      }
      log.info({ type: MESSAGE.event, content_type, payload_size: payload.length }, "sending message");
      try {
        await session.write(MESSAGE.event, payload);
      } catch (error) {
        // Kept for the next session, where the original drops it.
        this.#queue.putBack(outgoing);
        log.error({ error }, "error sending message over websocket");
        session.close();
        return;
      }
      this.counters.sent++;
      outgoing.written?.(acknowledges);
    }
  }
}

/** Which comes first. */
function first(done: Promise<void>, ms: number, ended: AbortSignal): Promise<"done" | "late" | "ended"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("late"), ms);
    const settle = (what: "done" | "ended") => {
      clearTimeout(timer);
      resolve(what);
    };
    void done.then(() => settle("done"));
    if (ended.aborted) settle("ended");
    else ended.addEventListener("abort", () => settle("ended"), { once: true });
  });
}

function decode<T>(encoding: Encoding, type: MessageType<T>, frame: Frame): T {
  if (encoding === "protobuf") return decodeProto(type, frame.payload);
  return decodeJson(type, new TextDecoder().decode(frame.payload));
}

function encode(encoding: Encoding, event: Event): Uint8Array | string {
  return encoding === "protobuf" ? encodeProto(Event, event) : encodeJson(Event, event);
}

function shuffled(urls: readonly string[]): string[] {
  const order = [...urls];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j] as string, order[i] as string];
  }
  return order;
}
