/**
 * A strict listener refuses a client's certificate inside the handshake, with the alert that says why (S-181, S-182),
 * before a byte of HTTP is read. Node lets every certificate pass and can send no alert, so the alert's record is built
 * here and put on the TCP connection below TLS, where its place must be exactly known:
 *
 * - TLS 1.2: judgements that wait for no network are there before the server's last flight leaves, and until then an
 *   alert is a plain record.
 * - TLS 1.3: everything after the server's Finished is sealed with a secret that `keylog` tells. The alert is record 0,
 *   or comes after OpenSSL's tickets, which all have one size here; so bytes tell their number.
 *
 * Whatever is not as expected ends the connection without an alert. Decision `strict-handshake-alerts`.
 */
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Alert, plainAlert, sealedAlert } from "./alert.ts";

/** Resolves with the alert that refuses the client; undefined lets it in. Never rejects. */
export type HandshakeJudge = (socket: TLSSocket) => Promise<Alert | undefined>;

interface Handshake {
  /** The TCP connection below. */
  readonly raw: Socket;
  /** TLS 1.3: what the server seals its records with after the handshake. */
  secret?: Buffer;
  /** Bytes written when the client's last flight had come: the server's up to its Finished, or to its ServerHelloDone. */
  written?: number;
}

interface StrictHandshakes {
  /** A line of `keylog`; the caller wipes it. */
  secret(line: Buffer, socket: TLSSocket): void;
  /** Ends the connections in their handshake, those being judged and those that were refused, and any later one. */
  end(): void;
}

const SERVER_SECRET = "SERVER_TRAFFIC_SECRET_0 ";
/** Told when the client's Finished (TLS 1.3) or key exchange (TLS 1.2) was taken, before the server answers it. */
const CLIENT_IS_DONE = ["CLIENT_TRAFFIC_SECRET_0 ", "CLIENT_RANDOM "];
/** OpenSSL's ticket of a listener without stateless tickets: 57 bytes, type, tag and header of the record. */
const TICKET_RECORD_BYTES = 79;
const TICKETS = 2;
/** A client that goes on sending must not lose the alert to a reset; but nobody may send for ever. */
const LINGER_MS = 5000;

/** Takes `secureConnection` away from HTTP until the judge has spoken. */
export function judgeHandshakes(server: HttpsServer, judge: HandshakeJudge): StrictHandshakes {
  const raws = new Map<string, Socket>();
  const handshakes = new Map<TLSSocket, Handshake>();
  /** Being judged, or refused and not closed yet. */
  const held = new Set<TLSSocket>();
  let ended = false;
  const startHttp = server.listeners("secureConnection") as ((this: HttpsServer, socket: TLSSocket) => void)[];

  function forget(socket: TLSSocket): void {
    handshakes.get(socket)?.secret?.fill(0);
    handshakes.delete(socket);
  }

  async function decide(socket: TLSSocket): Promise<void> {
    held.add(socket);
    const alert = await judge(socket);
    const handshake = handshakes.get(socket);
    const record = alert && handshake && alertRecord(alert, socket, handshake);
    forget(socket);
    if (socket.destroyed) return;
    if (ended) socket.destroy();
    else if (alert === undefined) {
      held.delete(socket);
      for (const start of startHttp) start.call(server, socket);
    } else if (record === undefined) socket.destroy();
    else refuse(socket, (handshake as Handshake).raw, record);
  }

  server.on("connection", (raw: Socket) => {
    const address = addressOf(raw);
    raws.set(address, raw);
    raw.once("close", () => {
      if (raws.get(address) === raw) raws.delete(address);
    });
  });
  server.removeAllListeners("secureConnection");
  server.on("secureConnection", (socket: TLSSocket) => void decide(socket));

  return {
    secret(line, socket) {
      let handshake = handshakes.get(socket);
      if (!handshake) {
        const raw = raws.get(addressOf(socket));
        if (!raw) return;
        handshake = { raw };
        handshakes.set(socket, handshake);
        socket.once("close", () => {
          forget(socket);
          held.delete(socket);
        });
      }
      if (startsWith(line, SERVER_SECRET)) handshake.secret = lastField(line);
      if (CLIENT_IS_DONE.some((label) => startsWith(line, label))) handshake.written = handshake.raw.bytesWritten;
    },
    end() {
      ended = true;
      for (const socket of [...held, ...handshakes.keys()]) socket.destroy();
    },
  };
}

/** `undefined` where its place among the server's records is not certain. */
function alertRecord(alert: Alert, socket: TLSSocket, { raw, secret, written }: Handshake): Buffer | undefined {
  // 0: Node does not count what TLS writes.
  if (!written || !raw.writable) return undefined;
  const since = raw.bytesWritten - written;
  switch (socket.getProtocol()) {
    case "TLSv1.2":
      return since === 0 ? plainAlert(alert) : undefined;
    case "TLSv1.3": {
      const sequence = ticketsIn(since);
      if (!secret || sequence === undefined) return undefined;
      return sealedAlert(alert, socket.getCipher().standardName, secret, sequence);
    }
    default:
      return undefined;
  }
}

/** How many tickets these bytes are; `undefined` when they are anything else. */
export function ticketsIn(bytes: number): number | undefined {
  const tickets = bytes / TICKET_RECORD_BYTES;
  return Number.isInteger(tickets) && tickets <= TICKETS ? tickets : undefined;
}

/** The end of the connection right behind the alert keeps OpenSSL from writing anything more. */
function refuse(socket: TLSSocket, raw: Socket, record: Buffer): void {
  const drop = () => socket.destroy();
  const timer = setTimeout(drop, LINGER_MS);
  raw.once("error", drop);
  socket.once("error", drop);
  socket.once("end", drop);
  socket.once("close", () => clearTimeout(timer));
  raw.end(record);
  socket.resume();
}

function addressOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

function startsWith(line: Buffer, label: string): boolean {
  return line.subarray(0, label.length).equals(Buffer.from(label));
}

/** The secret's bytes, never as a string, which could not be wiped. */
function lastField(line: Buffer): Buffer {
  const digits = line.subarray(line.lastIndexOf(" ") + 1).filter((byte) => byte > 0x20);
  const nibble = (at: number) => {
    const digit = digits[at] as number;
    return digit < 0x3a ? digit - 0x30 : (digit | 0x20) - 0x57;
  };
  const bytes = Buffer.alloc(digits.length >> 1);
  for (const at of bytes.keys()) bytes[at] = (nibble(2 * at) << 4) | nibble(2 * at + 1);
  digits.fill(0);
  return bytes;
}
