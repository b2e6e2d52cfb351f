/** Handlers: where the bytes go (P-131 to P-136). */
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { lookup } from "node:dns";
import { connect, isIP } from "node:net";
import { type Handler, SensuError } from "@sensu-ts/core";
import { LONGEST_TIMER_MS, mergeEnvironments, parseEnvironment, runCommand } from "@sensu-ts/runtime";

const SOCKET_TIMEOUT_SECONDS = 60;
const MAX_OUTPUT_BYTES = 1 << 20;
/** Does nothing and succeeds, for load tests (P-136). */
const CANNED_COMMAND = "!sensu_test_check!";

export interface Handled {
  /** Exit status of a command; -1 when a signal ended it or when there is no command. */
  readonly exit: number;
  readonly output: string;
}

/** Throws `SensuError` when nothing could be delivered; a command that exits non-zero is an answer, not an error. */
export async function handle(
  handler: Handler,
  bytes: string | Uint8Array,
  environment: Readonly<Record<string, string | undefined>>,
  stopping: AbortSignal,
): Promise<Handled> {
  const { name } = handler.metadata;
  if (handler.runtime_assets.length > 0) {
    throw new SensuError("invalid", `handler ${name} needs runtime assets, which this version does not have`);
  }
  if (handler.secrets.length > 0) {
    throw new SensuError("invalid", `handler ${name} needs secrets, which this version does not have`);
  }
  switch (handler.type) {
    case "pipe":
      return pipe(handler, bytes, environment, stopping);
    case "tcp":
      return tcp(handler, bytes, stopping);
    case "udp":
      return udp(handler, bytes);
    default:
      throw new SensuError("invalid", `unknown handler type: ${handler.type}`);
  }
}

async function pipe(
  handler: Handler,
  stdin: string | Uint8Array,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Handled> {
  if (handler.command === CANNED_COMMAND) return { exit: 0, output: "" };
  const result = await runCommand({
    command: handler.command,
    env: mergeEnvironments(environment, parseEnvironment(handler.env_vars)),
    stdin,
    timeoutMs: handler.timeout * 1000,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal,
  });
  if (result.startError !== undefined) throw new SensuError("unavailable", result.startError);
  return { exit: result.status, output: result.output.toString() };
}

function target(handler: Handler): { readonly host: string; readonly port: number; readonly timeoutMs: number } {
  if (!handler.socket) throw new SensuError("invalid", `handler ${handler.metadata.name} has no socket`);
  return {
    host: handler.socket.host,
    port: handler.socket.port,
    timeoutMs: Math.min((handler.timeout || SOCKET_TIMEOUT_SECONDS) * 1000, LONGEST_TIMER_MS),
  };
}

function tcp(handler: Handler, bytes: string | Uint8Array, signal: AbortSignal): Promise<Handled> {
  const { host, port, timeoutMs } = target(handler);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const timer = setTimeout(
      () => socket.destroy(new Error(`not written within ${timeoutMs / 1000} seconds`)),
      timeoutMs,
    );
    socket.on("error", (error) => {
      clearTimeout(timer);
      reject(new SensuError("unavailable", `tcp ${host}:${port}: ${error.message}`, { cause: error }));
    });
    socket.resume();
    socket.once("connect", () =>
      socket.end(bytes, () => {
        clearTimeout(timer);
        socket.destroySoon();
        resolve({ exit: -1, output: "" });
      }),
    );
  });
}

/** By family; one of each serves all handlers, as making one costs far more than sending. */
const udpSockets = new Map<4 | 6, Socket>();

function udpSocket(family: 4 | 6): Socket {
  let socket = udpSockets.get(family);
  if (!socket) {
    socket = createSocket({ type: `udp${family}`, lookup: lookupNow(family) }).unref();
    // What concerns one datagram is told to its sender.
    socket.on("error", () => {
      udpSockets.delete(family);
      socket?.close();
    });
    udpSockets.set(family, socket);
  }
  return socket;
}

/** Addresses need no turn of the event loop. */
function lookupNow(family: 4 | 6): NonNullable<SocketOptions["lookup"]> {
  return (host, options, callback) => {
    if (isIP(host) === family) callback(null, host, family);
    else lookup(host, { ...options, family }, callback);
  };
}

function udp(handler: Handler, bytes: string | Uint8Array): Promise<Handled> {
  const { host, port, timeoutMs } = target(handler);
  return new Promise((resolve, reject) => {
    const end = (error?: Error | null) => {
      clearTimeout(timer);
      if (error) reject(new SensuError("unavailable", `udp ${host}:${port}: ${error.message}`, { cause: error }));
      else resolve({ exit: -1, output: "" });
    };
    const late = () => end(new Error(`not sent within ${timeoutMs / 1000} seconds`));
    const timer = isIP(host) === 0 ? setTimeout(late, timeoutMs) : undefined;
    udpSocket(host.includes(":") ? 6 : 4).send(bytes, port, host, end);
  });
}
