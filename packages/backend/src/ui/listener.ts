/** The socket of the page's port. */
import type http from "node:http";
import { close, createServer, type ListenAddress, type Logger, listen, type ServerTls } from "@sensu-ts/runtime";
import type { Ui } from "./ui.ts";

const READ_TIMEOUT_MS = 15_000;
const STOP_GRACE_MS = 2000;

export interface UiListenerOptions {
  readonly address: ListenAddress;
  readonly tls: ServerTls;
  /** `dashboard-write-timeout`; live pages are exempt. */
  readonly writeTimeoutMs: number;
  readonly log: Logger;
}

export class UiListener {
  readonly #ui: Ui;
  readonly #options: UiListenerOptions;
  #server: ReturnType<typeof createServer> | undefined;
  #bound: ListenAddress | undefined;

  constructor(ui: Ui, options: UiListenerOptions) {
    this.#ui = ui;
    this.#options = options;
  }

  /** Where it listens; undefined while it does not. */
  get address(): ListenAddress | undefined {
    return this.#bound;
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const { address, tls, writeTimeoutMs, log } = this.#options;
    await this.#ui.start();
    const server: http.Server = createServer(tls, this.#ui.handler);
    server.requestTimeout = READ_TIMEOUT_MS;
    server.headersTimeout = READ_TIMEOUT_MS;
    server.setTimeout(writeTimeoutMs);
    this.#server = server;
    try {
      this.#bound = await listen(server, address);
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { host, port } = this.#bound;
    log.warn({}, `starting dashboardd on address: ${host.includes(":") ? `[${host}]` : host}:${port}`);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#bound = undefined;
    await this.#ui.stop();
    if (server) await close(server, STOP_GRACE_MS);
  }
}
