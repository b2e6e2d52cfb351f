/** Metric points of an event beside the thresholds of its check (U-149). Pure. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface Point {
  readonly name: string;
  readonly value: number;
  /** Unix time in s, ms, us or ns, as the plugin gave it. */
  readonly timestamp: number;
  readonly tags?: readonly Tag[] | null;
}

export interface MetricThreshold {
  readonly name: string;
  readonly tags?: readonly Tag[] | null;
  readonly null_status?: number;
  readonly thresholds?: readonly { readonly min?: string; readonly max?: string; readonly status: number }[] | null;
}

export interface Bound {
  readonly text: string;
  /** What the event gets beyond it. */
  readonly status: number;
  readonly broken: boolean;
}

/** A threshold counts for every point of its name that has all of its tags. */
export function boundsOf(point: Point, thresholds: readonly MetricThreshold[]): readonly Bound[] {
  const has = (tag: Tag): boolean => (point.tags ?? []).some((own) => own.name === tag.name && own.value === tag.value);
  const bounds: Bound[] = [];
  for (const threshold of thresholds) {
    if (threshold.name !== point.name || !(threshold.tags ?? []).every(has)) continue;
    for (const { min = "", max = "", status } of threshold.thresholds ?? []) {
      if (min !== "") bounds.push({ text: `min ${min}`, status, broken: point.value < Number(min) });
      if (max !== "") bounds.push({ text: `max ${max}`, status, broken: point.value > Number(max) });
    }
  }
  return bounds;
}

const MILLISECONDS = 1e11;
const MICROSECONDS = 1e14;
const NANOSECONDS = 1e17;

/** Unix seconds of a time told in any of the usual units, which are told apart by magnitude (U-312). */
export function pointSeconds(timestamp: number): number {
  if (timestamp >= NANOSECONDS) return timestamp / 1e9;
  if (timestamp >= MICROSECONDS) return timestamp / 1e6;
  return timestamp >= MILLISECONDS ? timestamp / 1e3 : timestamp;
}
