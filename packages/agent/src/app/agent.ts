/** Wires the parts of the agent and starts and stops them (W-73, W-85). */
import { type CheckRequest, type EntityConfig, type Event, SensuError } from "@sensu-ts/core";
import { type ClientTls, type ListenAddress, type Logger, SystemFacts } from "@sensu-ts/runtime";
import { CheckRunner } from "../checks/runner.ts";
import { AgentEntity } from "../facts/entity.ts";
import { EventQueue } from "../inputs/event-queue.ts";
import { HttpInput } from "../inputs/http.ts";
import { TokenBucket } from "../inputs/token-bucket.ts";
import { ClientCertificate } from "../link/client-certificate.ts";
import { keepaliveEvent } from "../link/keepalive.ts";
import { Link, type OutgoingEvent } from "../link/link.ts";
import { logSending } from "../link/log-event.ts";
import { Sequences } from "../link/sequences.ts";
import type { AgentSettings } from "./settings.ts";
import { checkClientTls } from "./tls-check.ts";
import { VERSION } from "./version.ts";

export class Agent {
  readonly #facts: SystemFacts;
  readonly #link: Link;
  readonly #certificate: ClientCertificate | undefined;
  readonly #tls: ClientTls;
  readonly #log: Logger;
  readonly #runner: CheckRunner;
  readonly #queue: EventQueue | undefined;
  readonly #http: HttpInput | undefined;
  #apiAddress: ListenAddress | undefined;
  #stopping: Promise<void> | undefined;

  /** `now` gives milliseconds. */
  constructor(settings: AgentSettings, log: Logger, now: () => number = Date.now) {
    const { name, namespace, agentManaged, keepalive } = settings;
    const facts = new SystemFacts(settings.facts);
    const sequences = new Sequences();
    const entity = new AgentEntity({
      local: settings.entity,
      agentManaged,
      version: VERSION,
      system: () => facts.current,
      now,
    });
    const send = (outgoing: OutgoingEvent) => link.send(outgoing);
    const runner = new CheckRunner({
      agentName: name,
      namespace,
      assets: settings.checks.assets,
      maskSecrets: settings.checks.maskSecrets,
      allowList: settings.checks.allowList,
      entity: () => entity.current(),
      sequences,
      send,
      log,
      now,
    });
    const queue =
      settings.api &&
      new EventQueue({
        folder: settings.cacheDir,
        bucket: new TokenBucket(settings.api.rate, settings.api.burst),
        send,
        log,
      });
    const link = new Link({
      settings: settings.link,
      identity: { name, namespace, subscriptions: settings.entity.subscriptions },
      keepaliveInterval: keepalive.interval,
      agentManaged,
      log,
      owner: {
        reset: () => {
          sequences.reset();
          entity.reset();
          queue?.reset();
        },
        entityConfig: (config: EntityConfig) => entity.receive(config),
        checkRequest: (request: CheckRequest) => runner.receive(request),
        acknowledged: (ids: Uint8Array) => queue?.acknowledged(ids),
        keepalive: (): Event => {
          const event = keepaliveEvent({
            settings: keepalive,
            entity: entity.current(),
            sequence: sequences.next("keepalive"),
            createdBy: agentManaged ? settings.entity.user : "",
            now: now(),
          });
          logSending(log, event);
          return event;
        },
      },
    });
    const { tls } = settings.link;
    const certificate =
      tls.certFile && tls.keyFile
        ? new ClientCertificate({
            tls,
            inSession: () => link.certificate,
            renewSession: () => link.renew(),
            log,
            now,
          })
        : undefined;
    this.#certificate = certificate;
    this.#tls = tls;
    this.#log = log;
    this.#facts = facts;
    this.#link = link;
    this.#runner = runner;
    this.#queue = queue;
    this.#http =
      settings.api &&
      queue &&
      new HttpInput({
        host: settings.api.host,
        port: settings.api.port,
        unixSocket: settings.api.unixSocket,
        token: settings.api.token,
        insecureOk: settings.api.insecureOk,
        agentName: name,
        namespace,
        version: VERSION,
        entity: () => entity.current(),
        connected: () => link.connected,
        counters: link.counters,
        certificate: () => certificate?.inFile,
        queue: (event) => queue.add(event),
        log,
        now,
      });
  }

  /** Where the HTTP API listens, when it does so on a port. */
  get apiAddress(): ListenAddress | undefined {
    return this.#apiAddress;
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  /** Rejects with the reason when the agent cannot run; nothing is left running then. */
  async start(): Promise<void> {
    try {
      await this.#facts.start();
      await this.#queue?.start();
      await this.#certificate?.start();
      this.#apiAddress = await this.#http?.start().catch((error: unknown) => {
        // The words that operators look for (W-85).
        throw new SensuError("unavailable", "the agent API has crashed", { cause: error });
      });
      this.#link.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** S-163. */
  async reload(): Promise<void> {
    checkClientTls(this.#tls, this.#log);
    await this.#certificate?.look();
  }

  /** Listeners first, then the session; running commands are ended, not waited for (W-107, W-157). */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      await this.#http?.stop();
      this.#runner.stop();
      await this.#certificate?.stop();
      await this.#link.stop();
      this.#queue?.stop();
      this.#facts.stop();
    })();
    return this.#stopping;
  }
}
