/** One run of a command: its arguments, settings, output and the connection to the API. */
import type { SensuClient, Tokens } from "@sensu-ts/client";
import { readConfig, writeTokens } from "../config/files.ts";
import type { Settings } from "../config/settings.ts";
import { type Paint, paintFor } from "../print/paint.ts";
import { VERSION } from "../version.ts";
import type { Registration } from "./command.ts";
import { Failure } from "./failure.ts";

export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** A person may read colours and answer questions. */
  readonly interactive: boolean;
  readonly colour: boolean;
}

interface SessionParts {
  readonly args: readonly string[];
  readonly commands: Readonly<Record<string, Registration>>;
  readonly settings: Settings;
  readonly streams: Streams;
  given(flag: string): boolean;
}

export class Session {
  readonly args: readonly string[];
  /** Every command, for completion. */
  readonly commands: Readonly<Record<string, Registration>>;
  readonly settings: Settings;
  readonly #streams: Streams;
  readonly #given: (flag: string) => boolean;
  #client: Promise<SensuClient> | undefined;

  constructor(from: SessionParts) {
    const { args, commands, settings, streams, given } = from;
    this.args = args;
    this.commands = commands;
    this.settings = settings;
    this.#streams = streams;
    this.#given = given;
  }

  /** Whether a flag or its environment variable was set. */
  given(flag: string): boolean {
    return this.#given(flag);
  }

  get namespace(): string {
    return this.settings.namespace;
  }

  get paint(): Paint {
    return paintFor(this.#streams.colour);
  }

  get interactive(): boolean {
    return this.#streams.interactive;
  }

  /** Writes a line of result. */
  say(line: string): void {
    this.#streams.out(`${line}\n`);
  }

  write(text: string): void {
    this.#streams.out(text);
  }

  warn(line: string): void {
    this.#streams.err(`${line}\n`);
  }

  /** The stored or given tokens, `undefined` before the first login. */
  tokens(): Tokens | undefined {
    return readConfig(this.settings.folder).cluster.tokens;
  }

  client(): Promise<SensuClient> {
    this.#client ??= this.#connect(this.settings.apiUrl);
    return this.#client;
  }

  /** A client for another URL that sends no stored credentials: for logging in. */
  async anonymousClient(url: string): Promise<SensuClient> {
    return this.#connect(url, true);
  }

  async close(): Promise<void> {
    await (await this.#client?.catch(() => undefined))?.close();
  }

  async #connect(url: string, anonymous = false): Promise<SensuClient> {
    const { SensuClient: Client } = await import("@sensu-ts/client");
    const { settings } = this;
    if ((settings.certFile === "") !== (settings.keyFile === "")) {
      const missing = settings.certFile === "" ? "--cert-file" : "--key-file";
      throw new Failure(`${missing} is not set: a client certificate needs both --cert-file and --key-file`);
    }
    const keeper = {
      load: () => this.tokens(),
      save: (tokens: Tokens) => writeTokens(settings.folder, tokens),
    };
    const credentials = settings.apiKey === "" ? { tokens: keeper } : { apiKey: settings.apiKey };
    return new Client({
      url,
      credentials: anonymous ? undefined : credentials,
      tls: {
        ...(await this.#trustedCa()),
        certFile: settings.certFile,
        keyFile: settings.keyFile,
        insecureSkipVerify: settings.insecureSkipTlsVerify,
      },
      timeoutMs: settings.timeoutMs,
      userAgent: `sensuctl/${VERSION}`,
      proxyEnv: process.env,
      onWarning: (text) => this.warn(`Warning: ${text}`),
    });
  }

  /** A bad file is only warned about, then the system's roots count (C-37). */
  async #trustedCa(): Promise<{ trustedCaFile?: string }> {
    const { trustedCaFile } = this.settings;
    if (trustedCaFile === "") return {};
    const { loadCa } = await import("@sensu-ts/runtime");
    try {
      loadCa(trustedCaFile);
      return { trustedCaFile };
    } catch (error) {
      for (const text of [(error as Error).message, "Trying to use the system's default CA certificates"]) {
        const time = new Date().toISOString().replace(/\.\d+/, "");
        this.warn(`time="${time}" level=warning msg=${JSON.stringify(text)} component=cli-client`);
      }
      return {};
    }
  }
}
