/**
 * The live feed (U-296 to U-304): listens to committed events, keeps what open pages show up to date and pushes the
 * differences. Nothing is decoded or asked for per event; an event that no open page cares about costs two lookups.
 * docs/decisions/2026-11-24-live-feed.md
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Question, SensuError } from "@sensu-ts/core";
import type { Identity } from "../../access/identity.ts";
import { countStatuses } from "../lists/events.ts";
import type { UiPorts } from "../ports.ts";
import { requireRight } from "../require-right.ts";
import type { Frame, StatusCounts } from "../wire.ts";
import { EntitiesPageView } from "./entities-page.ts";
import { EventPageView } from "./event-page.ts";
import { EventsPageView } from "./events-page.ts";
import { type OpenView, Room } from "./room.ts";
import { encodeFrame, Stream } from "./stream.ts";
import { type Topic, topicKey } from "./topic.ts";
import type { Round, View } from "./view.ts";

/** Changes of one row are gathered for this long, ms. */
export const FLUSH_MS = 250;
const COMMENT_MS = 15_000;
const REVIEW_MS = 60_000;
const MAX_STREAMS = 500;
/** So that one account cannot shut out all others. */
const MAX_STREAMS_OF_USER = 200;
/** All pages together ask the store for at most one part in so many of the time. */
const STORE_SHARE = 5;

export class LiveFeed {
  readonly #ports: UiPorts;
  readonly #version: string;
  readonly #rooms = new Map<string, Room>();
  readonly #timers: NodeJS.Timeout[] = [];
  #unsubscribe: (() => void)[] = [];
  #flushing: NodeJS.Timeout | undefined;
  /** Open ones by user. */
  readonly #streams = new Map<string, number>();
  /** By the monotonic clock, ms. */
  #storeFreeAt = 0;

  constructor(ports: UiPorts, version: string) {
    this.#ports = ports;
    this.#version = version;
  }

  start(): void {
    if (this.#unsubscribe.length > 0) return;
    const { access, bus, entities } = this.#ports;
    this.#unsubscribe = [
      bus.listen("event", (event) => {
        if (this.#rooms.get(event.namespace)?.offer(event)) this.#flushSoon();
      }),
      bus.listen("eventDeleted", (event) => {
        this.#rooms.get(event.namespace)?.remove(event);
        this.#flushSoon();
      }),
      entities.onChange((namespace) => {
        const room = this.#rooms.get(namespace);
        if (!room) return;
        for (const { view } of room.views.values()) view.entitiesChanged();
        this.#flushSoon();
      }),
      access.onChange(() => this.#review()),
    ];
    this.#timers.push(setInterval(() => this.#each((stream) => stream.comment()), COMMENT_MS).unref());
    this.#timers.push(setInterval(() => this.#review(), REVIEW_MS).unref());
  }

  stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    this.#each((stream) => stream.end("shutdown"));
    this.#rooms.clear();
  }

  /** Throws before anything is written when the caller may not follow this. */
  async open(topic: Topic, identity: Identity, request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const question of questionsOf(topic)) requireRight(this.#ports.access, identity, question);
    const { username } = identity;
    const own = this.#streams.get(username) ?? 0;
    const all = [...this.#streams.values()].reduce((sum, count) => sum + count, 0);
    if (all >= MAX_STREAMS || own >= MAX_STREAMS_OF_USER) throw new SensuError("unavailable", "too many open pages");
    const key = topicKey(topic);
    const room = this.#rooms.get(topic.namespace) ?? new Room();
    this.#rooms.set(topic.namespace, room);
    const existing = room.views.get(key);
    const open = existing ?? this.#openView(topic, room, key);
    const stream = new Stream(response, identity, request.headers.authorization);
    this.#count(username, 1);
    // Before the load: a change that comes meanwhile waits in the view.
    open.streams.add(stream);
    response.once("close", () => {
      stream.closed();
      this.#count(username, -1);
      this.#leave(topic.namespace, room, key, open, stream);
    });
    stream.begin();
    const now = this.#ports.now();
    stream.write(encodeFrame({ kind: "hello", now, version: this.#version }), now);
    try {
      await open.ready;
    } catch (error) {
      // The page asks again, and the store may be back by then.
      stream.end("slow");
      room.views.delete(key);
      this.#ports.onError(error);
      return;
    }
    room.reindex();
    stream.write(open.view.snapshot().map(encodeFrame).join(""), now);
    stream.endInTime(now);
  }

  #count(username: string, change: 1 | -1): void {
    const count = (this.#streams.get(username) ?? 0) + change;
    if (count > 0) this.#streams.set(username, count);
    else this.#streams.delete(username);
  }

  #openView(topic: Topic, room: Room, key: string): OpenView {
    const view = this.#viewOf(topic);
    const open = { topic, view, streams: new Set<Stream>(), ready: view.load(), busy: false };
    room.views.set(key, open);
    room.reindex();
    return open;
  }

  #viewOf(topic: Topic): View {
    const { events, entities } = this.#ports;
    if (topic.kind === "events") return new EventsPageView(topic.question, events);
    if (topic.kind === "entities") return new EntitiesPageView(topic.question, entities, events);
    return new EventPageView(topic);
  }

  #leave(namespace: string, room: Room, key: string, open: OpenView, stream: Stream): void {
    open.streams.delete(stream);
    if (open.streams.size > 0 || room.views.get(key) !== open) return;
    room.views.delete(key);
    room.reindex();
    if (room.views.size === 0 && this.#rooms.get(namespace) === room) this.#rooms.delete(namespace);
  }

  #flushSoon(): void {
    this.#flushing ??= setTimeout(() => {
      this.#flushing = undefined;
      this.#flushAll().catch((error: unknown) => this.#ports.onError(error));
    }, FLUSH_MS);
  }

  async #flushAll(): Promise<void> {
    const now = this.#ports.now();
    const counts = new Map<string, Promise<StatusCounts>>();
    const counted = (namespace: string): Promise<StatusCounts> => {
      const asked = counts.get(namespace) ?? countStatuses(this.#ports.events, namespace);
      counts.set(namespace, asked);
      return asked;
    };
    let again = false;
    for (const room of this.#rooms.values()) {
      for (const [key, open] of [...room.views]) {
        const mayAsk = performance.now() >= this.#storeFreeAt;
        if (open.view.dirty && !open.busy) await this.#flushView(room, key, open, { now, mayAsk, counts: counted });
        if (this.#catchUp(open, now) || open.view.dirty) again = true;
      }
    }
    if (again) this.#flushSoon();
  }

  async #flushView(room: Room, key: string, open: OpenView, round: Round): Promise<void> {
    open.busy = true;
    try {
      await open.ready;
      const begun = performance.now();
      const frames = await open.view.flush(round);
      const took = performance.now() - begun;
      if (round.mayAsk && took > 1) {
        this.#storeFreeAt = begun + took * STORE_SHARE;
        // The next turn is another view's.
        if (room.views.delete(key)) room.views.set(key, open);
      }
      if (frames.length === 0) return;
      room.reindex();
      const text = frames.map(encodeFrame).join("");
      for (const stream of open.streams) stream.write(text, round.now);
    } finally {
      open.busy = false;
    }
  }

  /** True while a reader is still behind. */
  #catchUp(open: OpenView, now: number): boolean {
    let waiting = false;
    for (const stream of open.streams) {
      if (stream.caughtUp()) {
        const frames: readonly Frame[] = [{ kind: "resync" }, ...open.view.snapshot()];
        stream.write(frames.map(encodeFrame).join(""), now);
      } else if (stream.tooSlow(now)) stream.end("slow");
      else if (stream.behind) waiting = true;
    }
    return waiting;
  }

  /** U-300: at every change of rights, and now and then for what is not told: sessions that were signed out. */
  #review(): void {
    for (const room of this.#rooms.values()) {
      for (const { topic, streams } of room.views.values()) {
        for (const stream of streams) {
          this.#reviewStream(topic, stream).catch((error: unknown) => this.#ports.onError(error));
        }
      }
    }
  }

  async #reviewStream(topic: Topic, stream: Stream): Promise<void> {
    const { access } = this.#ports;
    const may = (identity: Identity) => questionsOf(topic).every((question) => access.allowed(identity, question));
    // At once: what comes next must not leave.
    if (!may(stream.identity)) stream.end("denied");
    try {
      // Whoever shows an API key is in the groups its user has now.
      if (!may(await access.authenticate(stream.authorization))) stream.end("denied");
    } catch (error) {
      if (!(error instanceof SensuError) || error.code !== "unauthenticated") throw error;
      stream.end("token");
    }
  }

  #each(act: (stream: Stream) => void): void {
    for (const room of this.#rooms.values()) {
      for (const { streams } of room.views.values()) for (const stream of streams) act(stream);
    }
  }
}

/** What a caller must be allowed to follow this. */
function questionsOf(topic: Topic): readonly Question[] {
  const { namespace } = topic;
  if (topic.kind === "event") {
    return [{ verb: "get", resource: "events", namespace, name: `${topic.entity}/${topic.check}` }];
  }
  const lists = topic.kind === "events" ? ["events"] : ["events", "entities"];
  return lists.map((resource) => ({ verb: "list", resource, namespace, name: "" }));
}
