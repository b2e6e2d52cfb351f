/** A connection through a SOCKS 5 proxy (RFC 1928) with user and password (RFC 1929). The proxy resolves names. */
import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { SensuError } from "@sensu-ts/core";

export interface Target {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const VERSION = 5;
const NO_PASSWORD = 0;
const PASSWORD = 2;
const PASSWORD_VERSION = 1;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
const REFUSALS: Readonly<Record<number, string>> = {
  1: "general SOCKS server failure",
  2: "connection not allowed by ruleset",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "TTL expired",
  7: "command not supported",
  8: "address type not supported",
};

/** Rejects with `unavailable` and why; `proxy` is a `socks5:` or `socks5h:` URL. */
export async function connectSocks(proxy: URL, target: Target, signal: AbortSignal): Promise<Socket> {
  const request = connectRequest(target);
  const credentials = proxy.username === "" ? undefined : passwordRequest(proxy);
  const socket = connect({
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: Number(proxy.port || 1080),
    noDelay: true,
  });
  const answers = new Answers(socket, signal);
  try {
    await once(socket, "connect", { signal });
    socket.write(credentials ? Buffer.of(VERSION, 2, NO_PASSWORD, PASSWORD) : Buffer.of(VERSION, 1, NO_PASSWORD));
    const [version, method] = await answers.take(2);
    if (version !== VERSION) throw new Error("it speaks no SOCKS 5");
    if (method === PASSWORD && credentials) {
      socket.write(credentials);
      const [, status] = await answers.take(2);
      if (status !== 0) throw new Error("it refused user and password");
    } else if (method !== NO_PASSWORD) {
      throw new Error(credentials ? "it takes no user and password" : "it asks for user and password");
    }
    socket.write(request);
    const [, reply = 1, , type] = await answers.take(4);
    if (reply !== 0) throw new Error(REFUSALS[reply] ?? `refusal ${reply}`);
    // The address it connects from is of no use.
    const size = type === ADDRESS.ipv4 ? 4 : type === ADDRESS.ipv6 ? 16 : (await answers.take(1))[0];
    await answers.take((size ?? 0) + 2);
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    throw new SensuError("unavailable", `SOCKS proxy ${proxy.host}: ${(error as Error).message}`, { cause: error });
  } finally {
    answers.release();
  }
}

function passwordRequest(proxy: URL): Buffer {
  const user = counted(decodeURIComponent(proxy.username));
  const password = counted(decodeURIComponent(proxy.password));
  if (user === undefined || password === undefined) {
    throw new SensuError("invalid", "user and password of a SOCKS proxy have 1 to 255 bytes each");
  }
  return Buffer.concat([Buffer.of(PASSWORD_VERSION), user, password]);
}

function connectRequest({ host, port }: Target): Buffer {
  const name = counted(host);
  if (name === undefined) throw new SensuError("invalid", "a name for a SOCKS proxy has 1 to 255 bytes");
  const version = isIP(host);
  const address =
    version === 4
      ? Buffer.of(ADDRESS.ipv4, ...host.split(".").map(Number))
      : version === 6
        ? Buffer.of(ADDRESS.ipv6, ...ipv6Bytes(host))
        : Buffer.concat([Buffer.of(ADDRESS.name), name]);
  return Buffer.concat([Buffer.of(VERSION, CONNECT, 0), address, Buffer.of(port >> 8, port & 0xff)]);
}

/** With its length before it. */
function counted(text: string): Buffer | undefined {
  const bytes = Buffer.from(text);
  return bytes.length === 0 || bytes.length > 255 ? undefined : Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function ipv6Bytes(host: string): number[] {
  // The URL parser writes any form as groups of hexadecimal digits with at most one gap.
  const [before = "", after] = new URL(`http://[${host.replace(/%.*$/, "")}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const head = groups(before);
  const tail = groups(after ?? "");
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...gap, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Takes so many bytes and none more from a socket: what follows belongs to the connection. */
class Answers {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #error: Error | undefined;
  #wake = () => {};

  // One listener for the whole conversation: a new one would be told at once of what is there already.
  readonly #onReadable = () => this.#wake();
  readonly #onEnd = (error?: Error) => {
    this.#error ??= error instanceof Error ? error : new Error("it ended the connection");
    this.#wake();
  };
  readonly #onAbort = () => this.#onEnd(this.#signal.reason as Error);

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on("readable", this.#onReadable).on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onEnd);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  async take(size: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read(size) as Buffer | null;
      if (bytes?.length === size) return bytes;
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  release(): void {
    this.#socket
      .off("readable", this.#onReadable)
      .off("end", this.#onEnd)
      .off("close", this.#onEnd)
      .off("error", this.#onEnd);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
