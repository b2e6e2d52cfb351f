/** Series of the bus (P-159). */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Depth } from "../bus/bus.ts";
import { Summary } from "./summary.ts";

/** The original's names begin so: what stands before the colon is the label of all. */
const PREFIX = "sensu";
const TOPICS = { event: "event", eventDeleted: "event-deleted" };

export interface BusMetrics {
  /** Messages published at once, and how long their subscribers let them wait. */
  published(messages: number, milliseconds: number): void;
}

export function createBusMetrics(registry: Registry): BusMetrics {
  const durations = new Summary(
    registry,
    "sensu_go_bus_message_duration",
    "Milliseconds until the queues of all subscribers had room for a message",
  ).with({ topic: PREFIX });
  new Counter({
    name: "sensu_go_bus_messages_published",
    help: "Messages published on the bus",
    labelNames: ["topic"],
    registers: [registry],
    collect() {
      this.reset();
      this.inc({ topic: PREFIX }, durations.count);
    },
  });
  return { published: (messages, milliseconds) => durations.observe(milliseconds, messages) };
}

export interface Queues {
  depths(): readonly Depth[];
  /** Frames of agents that wait to be read. */
  waitingFrames(): number;
}

export function registerQueueMetrics(registry: Registry, queues: Queues): void {
  new Gauge({
    name: "sensu_go_wizard_bus",
    help: "Messages that wait in the longest queue of a topic",
    labelNames: ["topic"],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ topic: `${PREFIX}:event-raw` }, queues.waitingFrames());
      const longest = new Map<Depth["topic"], number>();
      for (const { topic, waiting } of queues.depths()) longest.set(topic, Math.max(waiting, longest.get(topic) ?? 0));
      for (const [topic, waiting] of longest) this.set({ topic: `${PREFIX}:${TOPICS[topic]}` }, waiting);
    },
  });
}
