/** The page's port (3000): the built page, the ordinary API in process, and the page's own endpoints (U-6). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { SensuError } from "@sensu-ts/core";
import { sendFailure } from "./answers.ts";
import { Assets } from "./assets.ts";
import { belowBase } from "./base-path.ts";
import { MeasuredCertificates } from "./certificates/measured.ts";
import { LiveFeed } from "./feed/feed.ts";
import { setSecurityHeaders } from "./headers.ts";
import type { HttpHandler, UiPorts } from "./ports.ts";
import { ticketAnswer, uiRoutes } from "./routes.ts";
import { SigninTickets } from "./tickets.ts";
import type { TicketAnswer } from "./wire.ts";

const PREFIX = "/api/ui/v1";
/** Served exactly as on the API port; everything else is the page's (U-6). */
const API_PREFIXES = ["/auth", "/api", "/graphql"];

export interface UiOptions {
  /** Folder of the built page. */
  readonly pageFolder: string;
  readonly version: string;
  /** Where browsers see the page, see {@link readBasePath}. */
  readonly basePath: string;
}

export class Ui {
  readonly #ports: UiPorts;
  readonly #basePath: string;
  readonly #assets: Assets;
  readonly #feed: LiveFeed;
  readonly #measured: MeasuredCertificates;
  readonly #tickets: SigninTickets;
  readonly #routes: ReturnType<typeof uiRoutes>;

  constructor(ports: UiPorts, options: UiOptions) {
    this.#ports = ports;
    this.#basePath = options.basePath;
    this.#assets = new Assets(options.pageFolder, options.basePath);
    this.#feed = new LiveFeed(ports, options.version);
    this.#measured = new MeasuredCertificates(ports.bus, ports.now);
    this.#tickets = new SigninTickets(ports.now);
    const { basePath, version } = options;
    this.#routes = uiRoutes({
      ...{ ports, basePath, version },
      feed: this.#feed,
      measured: this.#measured,
      tickets: this.#tickets,
    });
  }

  async start(): Promise<void> {
    await this.#assets.start();
    this.#feed.start();
    this.#measured.start();
  }

  /** Ends all live pages; call before the listener closes. */
  async stop(): Promise<void> {
    this.#feed.stop();
    this.#measured.stop();
  }

  /** For the local control call of `npm start`: a link that signs this user in once. */
  signinLink(username: string): TicketAnswer {
    return ticketAnswer(this.#tickets, username, this.#basePath);
  }

  /** Request listener of the page's port. */
  readonly handler: HttpHandler = (request, response) => {
    setSecurityHeaders(request, response);
    const url = belowBase(request.url ?? "/", this.#basePath);
    request.url = url;
    const at = url.indexOf("?");
    const pathname = at < 0 ? url : url.slice(0, at);
    if (/curl|sensuctl/i.test(request.headers["user-agent"] ?? "")) refuseProgram(response);
    else if (under(pathname, PREFIX)) this.uiApi(request, response);
    else if (API_PREFIXES.some((prefix) => under(pathname, prefix))) this.#ports.apiHandler(request, response);
    else this.#assets.serve(pathname, request, response);
  };

  /** `/api/ui/v1/…` alone, for the API port. */
  readonly uiApi: HttpHandler = (request, response) => {
    setSecurityHeaders(request, response);
    this.#answer(request, response).catch((error: unknown) => sendFailure(response, error, this.#ports.onError));
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://page");
    const path = url.pathname.slice(PREFIX.length);
    const route = this.#routes.get(`${request.method} ${path}`);
    if (!route) throw new SensuError("notFound");
    await route({ request, response, query: url.searchParams });
  }
}

function under(pathname: string, prefix: string): boolean {
  return pathname === prefix || pathname.startsWith(`${prefix}/`);
}

function refuseProgram(response: ServerResponse): void {
  response.writeHead(400, { "Content-Type": "text/plain; charset=utf-8" });
  response.end("this is the web page's port: send API requests to the API port\n");
}
