/**
 * Certificates of the fleet that checks measure (U-324): points that say when one ends, of checks that carry the label
 * `io.sensu.ui/certificate`. Points are never stored, so they are taken from events on their way.
 */
import { type Check, type Event, int, type MetricPoint } from "@sensu-ts/core";
import type { Bus } from "../../bus/bus.ts";
import { type CommittedEvent, eventId } from "../../bus/committed-event.ts";
import type { MeasuredCertificate } from "../ports.ts";

export const CERTIFICATE_LABEL = "io.sensu.ui/certificate";
const NAME = /cert.*expir|expir.*cert|(?:days|seconds)_left|not_after/i;
const DAY_MS = 86_400_000;
/** What nobody measures any more is forgotten (as U-321 does). */
const KEPT_MS = 30 * DAY_MS;
const MAX_CHECKS = 5000;
const MAX_EACH = 50;

type Measured = Omit<MeasuredCertificate, "namespace" | "entity" | "check">;

/** The certificates that one result tells of; several points about one, in days and in seconds, count once. */
export function measuredIn(event: Event): readonly Measured[] {
  const found = new Map<string, { readonly measured: Measured; readonly precision: number }>();
  for (const point of event.metrics?.points ?? []) {
    if (!NAME.test(point.name) || found.size >= MAX_EACH) continue;
    const seenAt = millisecondsOf(int(point.timestamp)) || int(event.timestamp) * 1000;
    const end = endOf(point, seenAt);
    if (end === undefined) continue;
    const subject = point.tags.map(({ name, value }) => `${name}=${value}`).join(", ");
    const known = found.get(subject);
    if (known && known.precision >= end.precision) continue;
    found.set(subject, { measured: { subject, notAfter: end.at, seenAt }, precision: end.precision });
  }
  return [...found.values()].map(({ measured }) => measured);
}

/** A moment, or what is left in seconds or in days: told by the name, else by the size. */
function endOf({ name, value }: MetricPoint, seenAt: number) {
  if (!Number.isFinite(value) || Math.abs(value) > 1e15) return undefined;
  if (/days?(?:_|$)/i.test(name)) return { at: seenAt + value * DAY_MS, precision: 0 };
  if (value >= 1e9) return { at: millisecondsOf(value), precision: 2 };
  if (/sec/i.test(name)) return { at: seenAt + value * 1000, precision: 2 };
  // A hundred years of days are ten hours of seconds.
  return { at: seenAt + value * (Math.abs(value) < 36_525 ? DAY_MS : 1000), precision: 1 };
}

/** Of a moment in seconds, milliseconds, microseconds or nanoseconds (U-312). */
function millisecondsOf(moment: number): number {
  if (moment < 1e11) return moment * 1000;
  return moment < 1e14 ? moment : moment / (moment < 1e17 ? 1e3 : 1e6);
}

function asksFor({ metadata }: Check): boolean {
  const label = metadata.labels[CERTIFICATE_LABEL];
  return label !== undefined && label !== "false";
}

export class MeasuredCertificates {
  readonly #bus: Pick<Bus, "listen">;
  readonly #now: () => number;
  readonly #found = new Map<string, readonly MeasuredCertificate[]>();
  #unsubscribe: (() => void)[] = [];

  constructor(bus: Pick<Bus, "listen">, now: () => number) {
    this.#bus = bus;
    this.#now = now;
  }

  start(): void {
    this.stop();
    this.#unsubscribe = [
      this.#bus.listen("event", (committed) => this.#take(committed)),
      this.#bus.listen("eventDeleted", (key) => void this.#found.delete(eventId(key))),
    ];
  }

  stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
  }

  list(): readonly MeasuredCertificate[] {
    const oldest = this.#now() - KEPT_MS;
    for (const [key, [first]] of this.#found) if (first && first.seenAt < oldest) this.#found.delete(key);
    return [...this.#found.values()].flat();
  }

  #take(committed: CommittedEvent): void {
    const { namespace, entity, check, hasMetrics, definition } = committed;
    if (!hasMetrics || !definition || !asksFor(definition)) return;
    const measured = measuredIn(committed.event);
    const name = committed.id;
    if (measured.length === 0 || (this.#found.size >= MAX_CHECKS && !this.#found.has(name))) return;
    this.#found.set(
      name,
      measured.map((one) => ({ ...one, namespace, entity, check })),
    );
  }
}
