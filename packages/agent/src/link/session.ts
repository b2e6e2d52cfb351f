/** One open connection: frames in both directions, heartbeat, session length, close (W-33, W-34, W-74). */
import { CLOSE, type Encoding, type Frame, joinFrame, SensuError, splitFrame } from "@sensu-ts/core";
import type WebSocket from "ws";
import type { OpenSocket } from "./dial.ts";

export interface SessionSettings {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** 0: no limit. */
  readonly maxSessionMs: number;
}

export class Session {
  readonly encoding: Encoding;
  /** Aborted when the session has ended, whoever ended it. */
  readonly ended: AbortSignal;
  readonly #socket: WebSocket;
  readonly #settings: SessionSettings;
  readonly #end = new AbortController();
  #heartbeat: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #length: NodeJS.Timeout | undefined;
  #reason = "";
  #expired = false;

  constructor(open: OpenSocket, settings: SessionSettings) {
    this.encoding = open.encoding;
    this.ended = this.#end.signal;
    this.#socket = open.socket;
    this.#settings = settings;
  }

  /** Why it ended; empty when either side said goodbye. */
  get reason(): string {
    return this.#reason;
  }

  /** It was ended so that a new one takes its place: no outage. */
  get expired(): boolean {
    return this.#expired;
  }

  /** `onFrame` is called for every message, in the order of arrival, and must not throw. */
  start(onFrame: (frame: Frame) => void, random: () => number = Math.random): void {
    const socket = this.#socket;
    const { heartbeatIntervalMs, heartbeatTimeoutMs, maxSessionMs } = this.#settings;
    socket.on("message", (data) => {
      const frame = splitFrame(data as Buffer);
      if (frame === undefined) this.#fail("message without a type");
      else onFrame(frame);
    });
    socket.on("pong", () => this.#silence?.refresh());
    socket.on("error", (error) => this.#fail(error.message));
    socket.on("close", (code, data) => {
      const said = data.toString();
      if (said !== "" && said !== CLOSE.reason) this.#fail(`the backend ended the session: ${said}`);
      else if (code !== CLOSE.code) this.#fail(`connection closed with code ${code}`);
      this.#finish();
    });
    this.#silence = setTimeout(
      () => this.#fail(`no answer to heartbeats for ${heartbeatTimeoutMs / 1000} seconds`),
      heartbeatTimeoutMs,
    );
    this.#heartbeat = setInterval(() => socket.ping(), heartbeatIntervalMs);
    if (maxSessionMs > 0) {
      this.#length = setTimeout(
        () => {
          this.expire();
        },
        maxSessionMs * (1 - random() / 2),
      );
    }
    socket.resume();
  }

  /** Resolves when the message is written to the socket; rejects when it was not. */
  write(type: string, payload: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.ended.aborted) return reject(new SensuError("unavailable", "the session has ended"));
      this.#socket.send(joinFrame(type, payload), { binary: true }, (error) => (error ? reject(error) : resolve()));
    });
  }

  expire(): void {
    this.#expired = true;
    this.close();
  }

  /** Says goodbye; the session has ended then, the socket closes when the peer answers or soon after. */
  close(): void {
    if (this.#end.signal.aborted) return;
    this.#socket.close(CLOSE.code, CLOSE.reason);
    this.#finish();
  }

  #fail(reason: string): void {
    if (this.#end.signal.aborted) return;
    this.#reason = reason;
    this.#socket.terminate();
    this.#finish();
  }

  #finish(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#silence);
    clearTimeout(this.#length);
    this.#end.abort();
  }
}
