/** Sentences with which an agent says why metrics gave an event its status (U-149, W-139). Pure. */
const NOTIFICATION = "sensu.io/notifications/";
const THRESHOLD = "sensu.io/output_metric_thresholds/";

export interface Reason {
  /** `warning`, `critical`, `unknown` or `ok`. */
  readonly caption: string;
  /** Metric and bound, `used.host/max`; empty for the one that decided. */
  readonly bound: string;
  readonly text: string;
}

/** The one that decided first; others that only repeat it are left out. */
export function reasonsOf(annotations: Readonly<Record<string, string>> | null | undefined): readonly Reason[] {
  const reasons: Reason[] = [];
  const entries = Object.entries(annotations ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, text] of entries) {
    if (key.startsWith(NOTIFICATION)) reasons.push({ caption: key.slice(NOTIFICATION.length), bound: "", text });
  }
  for (const [key, text] of entries) {
    if (!key.startsWith(THRESHOLD) || reasons.some((reason) => reason.text === text)) continue;
    const bound = key.slice(THRESHOLD.length);
    const at = bound.lastIndexOf("/");
    reasons.push({ caption: bound.slice(at + 1), bound: bound.slice(0, Math.max(at, 0)), text });
  }
  return reasons;
}
