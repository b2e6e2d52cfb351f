/** The agents' listener: refuses, upgrades, keeps the sessions and carries check requests to them (W-1 to W-5, W-49). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  type CheckRequest,
  CheckRequest as CheckRequestType,
  type Encoding,
  type EntityConfig,
  MESSAGE,
} from "@sensu-ts/core";
import {
  type Clock,
  close,
  createServer,
  type ListenAddress,
  type Logger,
  listen,
  type ServerTls,
} from "@sensu-ts/runtime";
import type { Ingest } from "../ingest/ingest.ts";
import type { Entities } from "../state/entities.ts";
import type { ShownCertificate, ShownCertificates } from "../state/shown-certificates.ts";
import type { AcceptHash } from "./accept-hash.ts";
import type { CertificateEvents } from "./certificate-events.ts";
import { CertificateGate } from "./certificate-gate.ts";
import { type CertificateStates, certificateStates } from "./certificate-states.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { type Accepted, examine, pathOf } from "./handshake.ts";
import { type AgentIdentity, passwordIdentity } from "./identify.ts";
import { Pausing } from "./pausing.ts";
import type { AgentAccess, Keepalives, PeerJudge } from "./ports.ts";
import { RateLimit } from "./rate-limit.ts";
import { isRefusal, type Refusal, refuse, STARTING, TOO_MANY } from "./refusal.ts";
import type { RefusedAgents } from "./refused-agents.ts";
import { type AgentSession, connectionOf, encodeFrame, Session } from "./session.ts";
import { SessionSweep } from "./session-sweep.ts";
import { Sessions } from "./sessions.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Upgrader } from "./upgrader.ts";

export interface GatewayOptions {
  readonly listen: ListenAddress;
  readonly tls: ServerTls;
  /** Name of the backend's entity. */
  readonly backendId: string;
  /** Milliseconds after start in which `/` and `/ready` answer 503. */
  readonly serveWaitMs: number;
  /** Milliseconds an agent may take nothing while something waits for it. */
  readonly writeTimeoutMs: number;
  /** Milliseconds of silence after which an agent is pinged, and ended when the ping is not answered either. */
  readonly idleMs?: number;
  readonly access: AgentAccess;
  /** Present: agents are known by certificate and by nothing else (S-174). */
  readonly mutual?: MutualTls;
  /** New sessions a second, and at once; 0: no limit. */
  readonly rateLimit?: number;
  readonly burstLimit?: number;
  readonly acceptHash?: AcceptHash;
  readonly clock: Clock;
  readonly namespaceExists: (namespace: string) => boolean;
  readonly entities: Entities;
  readonly ingest: Ingest;
  readonly keepalives: Keepalives;
  readonly metrics: GatewayMetrics;
  /** JSON text of `/health`; `timeoutMs` comes from the query. */
  readonly health: (timeoutMs: number) => Promise<string>;
  readonly log: Logger;
}

export interface MutualTls {
  readonly peers: PeerJudge;
  /** Refuse in the handshake (S-182). */
  readonly strict: boolean;
  readonly certificateEvents: CertificateEvents;
  readonly refusedAgents: RefusedAgents;
  readonly shown: ShownCertificates;
}

const IDLE_MS = 300_000;
/** Sessions are looked at this often: stuck, silent, or without right (S-171 allows 60 s). */
const SWEEP_MS = 15_000;
const READ_HEAD_MS = 15_000;
const LOOK_FOR_SLOW_HEADS_MS = 5000;
/** Bytes of an agent that are read although its session is paused, besides what one read brings. */
const READ_AHEAD = 4 << 10;
const CLOSE_GRACE_MS = 2000;
/** As in the original: thousands of subscriptions fit into their header. */
const MAX_HEAD_BYTES = 1 << 20;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #sessions = new Sessions();
  readonly #subscriptions = new Subscriptions();
  readonly #upgrader: Upgrader;
  readonly #sweep: SessionSweep;
  readonly #rate: RateLimit;
  /** Absent where agents show passwords. */
  readonly #certificates: CertificateGate | undefined;
  #server: ReturnType<typeof createServer> | undefined;
  #starting: Promise<ListenAddress> | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void)[] = [];
  readonly #frames: FrameQueue;
  readonly #pausing = new Pausing(() => this.#frames.full);
  #openAt = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#frames = new FrameQueue({
      blocked: () => options.ingest.saturated,
      onFull: () => this.#pausing.pause(this.#sessions),
      onRoom: () => this.#pausing.resume(),
    });
    this.#sweep = new SessionSweep({ ...options, ...options.mutual, sessions: () => this.#sessions });
    this.#certificates = options.mutual && new CertificateGate({ ...options, ...options.mutual });
    this.#rate = new RateLimit(options.rateLimit ?? 0, options.burstLimit ?? 0);
    this.#upgrader = new Upgrader(options);
  }

  /** Resolves with the address in use. */
  start(): Promise<ListenAddress> {
    this.#starting ??= this.#open();
    return this.#starting;
  }

  /** Ends the listener and all sessions (1001). */
  async stop(): Promise<void> {
    if (!this.#starting) return;
    await this.#starting.catch(() => undefined);
    this.#starting = undefined;
    clearInterval(this.#sweeper);
    await this.#sweep.stop();
    const sessions = [...this.#sessions];
    this.#pausing.pause(sessions);
    // What agents have sent is theirs no longer: it is taken before they are told to go.
    await Promise.race([this.#frames.empty(), delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    for (const session of sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of sessions) session.terminate();
    }, CLOSE_GRACE_MS);
    if (this.#server) await close(this.#server, CLOSE_GRACE_MS);
    clearTimeout(timer);
    for (const session of sessions) session.terminate();
    await this.#options.mutual?.shown.stop();
    this.#server = undefined;
  }

  /** Number of sessions of each namespace. */
  sessionCounts(): ReadonlyMap<string, number> {
    return this.#sessions.counts();
  }

  /** Received and not yet looked at. */
  get waitingBytes(): number {
    return this.#frames.bytes;
  }

  get waitingFrames(): number {
    return this.#frames.length;
  }

  /** The live sessions of a namespace, of all when it is empty, in name order. */
  sessions(namespace: string): readonly AgentSession[] {
    return this.#sessions.views(namespace);
  }

  /** Certificates that agents have shown here lately; none where they show passwords. */
  shownCertificates(): readonly ShownCertificate[] {
    return this.#options.mutual?.shown.list() ?? [];
  }

  /** How the certificates of connected agents stand; empty where they show passwords. */
  certificateStates(): CertificateStates {
    const events = this.#options.mutual?.certificateEvents;
    return events ? certificateStates(this.#sessions, (peer) => events.statusOf(peer)) : new Map();
  }

  /** Names of the agents connected here that have the subscription. */
  members(namespace: string, subscription: string): readonly string[] {
    return [...new Set([...(this.#subscriptions.get(namespace, subscription) ?? [])].map((session) => session.name))];
  }

  /** Sends to every session that has the subscription; how many they were. Encoded once for each encoding in use. */
  publish(namespace: string, subscription: string, request: CheckRequest): number {
    const frames: Partial<Record<Encoding, Uint8Array>> = {};
    let sent = 0;
    for (const session of this.#subscriptions.get(namespace, subscription) ?? []) {
      const { encoding } = session;
      frames[encoding] ??= encodeFrame(CheckRequestType, MESSAGE.checkRequest, request, encoding);
      if (session.sendRequest(frames[encoding])) sent++;
    }
    return sent;
  }

  async #open(): Promise<ListenAddress> {
    const { tls, listen: address, ingest, entities, serveWaitMs, mutual } = this.#options;
    await mutual?.refusedAgents.start();
    await mutual?.shown.start();
    const limits = {
      highWaterMark: READ_AHEAD,
      maxHeaderSize: MAX_HEAD_BYTES,
      connectionsCheckingInterval: LOOK_FOR_SLOW_HEADS_MS,
    };
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response);
    const server = createServer(tls, answer, limits, this.#certificates?.judgeHandshake);
    server.headersTimeout = READ_HEAD_MS;
    server.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
    this.#certificates?.watch(server);
    this.#server = server;
    this.#openAt = performance.now() + serveWaitMs;
    try {
      const bound = await listen(server, address);
      this.#unsubscribe = [
        ingest.onDrain(() => this.#frames.go()),
        entities.onConfig((namespace, name, config) => this.#configChanged(namespace, name, config)),
      ];
      this.#sweep.start();
      this.#sweeper = setInterval(() => this.#lookAtSessions(), SWEEP_MS);
      return bound;
    } catch (error) {
      this.#starting = undefined;
      await mutual?.shown.stop();
      throw error;
    }
  }

  get #waiting(): boolean {
    return performance.now() < this.#openAt;
  }

  /** Requests without a proper upgrade, `/health` and `/ready`. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers }).end(`${body}\n`);
    };
    try {
      const identity = await this.#certificates?.identify(request);
      if (identity && isRefusal(identity)) {
        if (this.#certificates?.strict) request.socket.destroy();
        else text(identity.status, identity.body, { Connection: "close" });
      } else if (request.method !== "GET" && (path === "/health" || path === "/ready")) {
        text(405, "Method Not Allowed");
      } else if (path === "/health") {
        const timeout = Number(/[?&]timeout=([^&]*)/.exec(request.url ?? "")?.[1] ?? "3");
        const body = await this.#options.health(Number.isFinite(timeout) && timeout >= 0 ? timeout * 1000 : 3000);
        response.writeHead(200, { "Content-Type": "application/json" }).end(`${body}\n`);
      } else if (path === "/ready") {
        if (this.#waiting) text(STARTING.status, STARTING.body);
        else text(200, "ready");
      } else if (path === "/") {
        const refusal = await this.#examine(request, identity);
        // A proper upgrade never comes here.
        if (isRefusal(refusal)) text(refusal.status, refusal.body, refusal.headers);
        else text(400, "Bad Request");
      } else {
        text(404, "404 page not found");
      }
    } catch (error) {
      this.#options.log.error({ error }, "error answering a request");
      if (!response.headersSent) text(500, "Internal Server Error");
    }
  }

  async #examine(request: IncomingMessage, identity: AgentIdentity | undefined): Promise<Accepted | Refusal> {
    if (this.#waiting) return STARTING;
    if (!this.#rate.take()) return TOO_MANY;
    const { access, namespaceExists } = this.#options;
    return examine(request, {
      ...{ access, namespaceExists },
      identify: () => identity ?? passwordIdentity(request, access),
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const began = performance.now();
    const ignore = () => {};
    socket.on("error", ignore);
    try {
      const path = pathOf(request);
      const identity = await this.#certificates?.identify(request);
      if (identity && isRefusal(identity)) {
        if (this.#certificates?.strict) socket.destroy();
        else refuse(socket, identity);
        return;
      }
      const result: Accepted | Refusal =
        path === "/" ? await this.#examine(request, identity) : { status: 404, body: "404 page not found" };
      if (isRefusal(result)) {
        this.#options.log.warn(
          { ...result.detail, status: result.status, source: connectionOf(request).address },
          `agent refused: ${result.body}`,
        );
        refuse(socket, result);
        return;
      }
      if (socket.destroyed || !this.#server) {
        socket.destroy();
        return;
      }
      socket.off("error", ignore);
      this.#upgrader.upgrade(request, socket, head, result, (webSocket) => {
        this.#options.metrics.upgraded(performance.now() - began);
        this.#begin(new Session(result, connectionOf(request), webSocket, this.#options, this.#frames), webSocket);
      });
    } catch (error) {
      this.#options.log.error({ error }, "error upgrading a connection");
      socket.destroy();
    }
  }

  #begin(session: Session, webSocket: { on(event: "close", listener: () => void): unknown }): void {
    this.#sessions.add(session);
    webSocket.on("close", () => this.#end(session));
    const { peer, name, namespace } = session;
    if (peer) {
      const { address: source } = session.connection;
      const fields = { source, agent: name, namespace, user: session.caller.username, serial: peer.serial };
      this.#options.log.info(fields, "using tls client auth");
      this.#options.mutual?.refusedAgents.accepted(peer);
      this.#options.mutual?.shown.add(session, peer, source);
    }
    this.#configure(session, this.#options.entities.config(session.namespace, session.name));
    if (this.#frames.full) this.#pausing.pause([session]);
  }

  #end(session: Session): void {
    this.#subscriptions.set(session, []);
    this.#sessions.delete(session);
  }

  /** The configuration first, so that no check request overtakes it (W-50); nothing to do before registration (W-51). */
  #configure(session: Session, config: EntityConfig | undefined): void {
    session.sendConfig(config);
    this.#subscriptions.set(session, config ? [...config.subscriptions, `entity:${session.name}`] : []);
    this.#options.mutual?.certificateEvents.tell(session);
  }

  #configChanged(namespace: string, name: string, config: EntityConfig | undefined): void {
    const sessions = this.#sessions.of(namespace, name);
    if (!sessions) return;
    if (config && config.entity_class !== "agent") {
      this.#options.entities.setAgentClass(namespace, name).catch((error: unknown) => {
        this.#options.log.error({ error, namespace, entity: name }, "error giving an agent's entity its class back");
      });
      return;
    }
    for (const session of sessions) {
      if (config) this.#configure(session, config);
      else session.close();
    }
  }

  #lookAtSessions(): void {
    const { writeTimeoutMs, idleMs = IDLE_MS, mutual } = this.#options;
    for (const session of this.#sessions) {
      session.check(writeTimeoutMs, idleMs);
      this.#sweep.checkRight(session);
      mutual?.certificateEvents.tell(session);
    }
    mutual?.refusedAgents.sweep();
  }
}
