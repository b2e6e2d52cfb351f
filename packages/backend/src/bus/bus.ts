/**
 * Topics inside one backend process (P-1 to P-5). A publisher waits while a subscriber's queue is full; nothing is
 * dropped. Messages are shared: nobody changes them.
 */
import type { Logger } from "@sensu-ts/runtime";
import { Queue } from "./queue.ts";
import type { Topics } from "./topics.ts";

type Topic = keyof Topics;

/** Posted messages without room yet, some KiB each. */
const MAX_POSTED = 1000;

export interface SubscriberOptions<T> {
  /** In metrics and logs. */
  readonly name: string;
  /** Messages that wait; a publisher blocks above it. */
  readonly capacity: number;
  /** Messages handled at the same time. */
  readonly workers: number;
  /** False: there is nothing to do for it. Asked when it is published, so that it neither waits nor makes others wait. */
  wants?(message: T): boolean;
  /** An answer that is no promise is done at once. What it throws is logged. */
  handle(message: T): void | Promise<void>;
}

export interface Depth {
  readonly topic: Topic;
  readonly subscriber: string;
  readonly waiting: number;
  readonly busy: number;
}

/** Told of messages that were published at once, and in how many milliseconds they were queued everywhere. */
export type Published = (messages: number, milliseconds: number) => void;

class Subscriber<T> {
  readonly options: SubscriberOptions<T>;
  readonly #log: Logger;
  readonly #waiting = new Queue<T>();
  #busy = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: SubscriberOptions<T>, log: Logger) {
    this.options = options;
    this.#log = log;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get busy(): number {
    return this.#busy;
  }

  get full(): boolean {
    return this.#waiting.length >= this.options.capacity;
  }

  wants(message: T): boolean {
    try {
      return this.options.wants?.(message) ?? true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  put(message: T): void {
    if (this.#busy < this.options.workers) {
      this.#run(message);
      return;
    }
    (message as { keep?(): void }).keep?.();
    this.#waiting.push(message);
  }

  /** Resolves when the queue has room again. */
  room(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  idle(): Promise<void> {
    if (this.#busy === 0 && this.#waiting.length === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  #run(message: T): void {
    let running: void | Promise<void>;
    try {
      running = this.options.handle(message);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (running === undefined) return;
    this.#busy++;
    running
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#busy--;
        this.#next();
      });
  }

  #next(): void {
    while (this.#busy < this.options.workers) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#run(message);
    }
    if (this.#room && !this.full) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#idle && this.#busy === 0 && this.#waiting.length === 0) {
      this.#idle.resolve();
      this.#idle = undefined;
    }
  }

  #failed(error: unknown): void {
    this.#log.error({ subscriber: this.options.name, error }, "error handling message");
  }
}

export class Bus {
  readonly #log: Logger;
  readonly #subscribers = new Map<Topic, Set<Subscriber<never>>>();
  readonly #listeners = new Map<Topic, Set<(message: never) => void>>();
  readonly #published: Published;
  #posted = 0;

  constructor(log: Logger, published: Published = () => undefined) {
    this.#log = log;
    this.#published = published;
  }

  /** Queued delivery in publish order. Returns what ends it; messages that wait are still handled. */
  subscribe<K extends Topic>(topic: K, options: SubscriberOptions<Topics[K]>): () => void {
    const subscriber = new Subscriber<Topics[K]>(options, this.#log);
    return add(this.#subscribers, topic, subscriber as unknown as Subscriber<never>);
  }

  /** Called on the path of every message, before queued delivery: must be quick. Returns what ends it. */
  listen<K extends Topic>(topic: K, listener: (message: Topics[K]) => void): () => void {
    return add(this.#listeners, topic, listener as (message: never) => void);
  }

  /** Delivers in order; resolves when the last one is queued everywhere. One promise a batch. */
  async publishAll<K extends Topic>(topic: K, messages: readonly Topics[K][]): Promise<void> {
    const began = performance.now();
    const listeners = this.#listeners.get(topic);
    const subscribers = this.#subscribers.get(topic) as Set<Subscriber<Topics[K]>> | undefined;
    for (const message of messages) {
      if (listeners) for (const listener of listeners) this.#tell(listener, message);
      if (!subscribers) continue;
      for (const subscriber of subscribers) {
        if (!subscriber.wants(message)) continue;
        while (subscriber.full) await subscriber.room();
        subscriber.put(message);
      }
    }
    this.#published(messages.length, performance.now() - began);
  }

  publish<K extends Topic>(topic: K, message: Topics[K]): Promise<void> {
    return this.publishAll(topic, [message]);
  }

  /**
   * For those whom slow subscribers must not hold up: takes its place in line and resolves at once, unless more than
   * `MAX_POSTED` wait there already.
   */
  async post<K extends Topic>(topic: K, message: Topics[K]): Promise<void> {
    this.#posted++;
    const queued = this.publish(topic, message).finally(() => {
      this.#posted--;
    });
    if (this.#posted > MAX_POSTED) await queued;
  }

  /** Resolves when every queue of the topic is empty and nothing is being handled. */
  async drained(topic: Topic): Promise<void> {
    await Promise.all([...(this.#subscribers.get(topic) ?? [])].map((subscriber) => subscriber.idle()));
  }

  depths(): readonly Depth[] {
    return [...this.#subscribers].flatMap(([topic, subscribers]) =>
      [...subscribers].map(({ options, waiting, busy }) => ({ topic, subscriber: options.name, waiting, busy })),
    );
  }

  #tell<T>(listener: (message: never) => void, message: T): void {
    try {
      (listener as (message: T) => void)(message);
    } catch (error) {
      this.#log.error({ error }, "error in a listener");
    }
  }
}

function add<V>(map: Map<Topic, Set<V>>, topic: Topic, value: V): () => void {
  const set = map.get(topic) ?? new Set<V>();
  map.set(topic, set);
  set.add(value);
  return () => {
    set.delete(value);
  };
}
