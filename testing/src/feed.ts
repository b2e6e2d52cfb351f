/** The live feed of an open page (U-296): reads frames as a browser does, and opens again when its time is over. */
import type { Api } from "./api.ts";

export class LiveFeed {
  readonly #url: string;
  readonly #api: Api;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  /** Frames by kind. */
  readonly frames = new Map<string, number>();
  bytes = 0;
  opened = 0;

  /** `ui`: origin of the page; `topic`: e.g. `topic=events&namespace=default`. */
  constructor(ui: string, topic: string, api: Api) {
    this.#url = `${ui}/api/ui/v1/stream?${topic}`;
    this.#api = api;
  }

  /** Resolves when the first stream is open. */
  async start(): Promise<void> {
    const first = await this.#open();
    this.#running = this.#run(first);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  count(kind: string): number {
    return this.frames.get(kind) ?? 0;
  }

  async #open(): Promise<ReadableStream<Uint8Array>> {
    await this.#api.login();
    const headers = { authorization: `Bearer ${this.#api.token}` };
    const response = await fetch(this.#url, { headers, signal: this.#end.signal });
    if (!response.ok || !response.body) throw new Error(`the feed answered ${response.status}`);
    this.opened++;
    return response.body;
  }

  async #run(first: ReadableStream<Uint8Array>): Promise<void> {
    let body = first;
    while (!this.#end.signal.aborted) {
      try {
        await this.#read(body);
        body = await this.#open();
      } catch (error) {
        if (this.#end.signal.aborted) return;
        throw error;
      }
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of body) {
      this.bytes += chunk.length;
      const events = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (!event.startsWith("data: ")) continue;
        const { kind } = JSON.parse(event.slice("data: ".length)) as { kind: string };
        this.frames.set(kind, this.count(kind) + 1);
      }
    }
  }
}
