/** Exit status of a check, as every monitoring plugin counts them. */
export const STATUS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type Status = keyof typeof STATUS;

export interface Result {
  readonly status: Status;
  /** One line for people. */
  readonly text: string;
  /** Measurements in Nagios performance data form, e.g. `used=12.5%`. */
  readonly metrics?: readonly string[];
}

export interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** Which limit a value has reached, if any. */
export function grade(value: number, limits: Limits): Status {
  if (value >= limits.critical) return "critical";
  return value >= limits.warning ? "warning" : "ok";
}

export function format({ status, text, metrics = [] }: Result): string {
  const tail = metrics.length > 0 ? ` | ${metrics.join(" ")}` : "";
  return `${status.toUpperCase()}: ${text}${tail}\n`;
}
