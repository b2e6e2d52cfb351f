/** The form of a new check as the ordinary API takes it; problems by field, in words. */
export interface CheckForm {
  readonly name: string;
  readonly command: string;
  readonly subscriptions: string;
  readonly schedule: "interval" | "cron" | "none";
  readonly interval: string;
  readonly cron: string;
  readonly timeout: string;
  readonly handlers: string;
}

export type Problems = Partial<Record<keyof CheckForm, string>>;

export function splitNames(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}

const OFFERED = 8;

/** What agents subscribe to besides their own name, the most frequent first. */
export function commonSubscriptions(agents: readonly { readonly subscriptions: readonly string[] }[]): string[] {
  const counts = new Map<string, number>();
  for (const { subscriptions } of agents) {
    for (const name of subscriptions) if (!name.startsWith("entity:")) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
    .slice(0, OFFERED)
    .map(([name]) => name);
}

const WHOLE = /^[1-9]\d{0,8}$/;

export function problemsOf(form: CheckForm): Problems {
  const problems: Problems = {};
  if (!/^[\w.:-]+$/.test(form.name)) problems.name = "Letters, digits, and . _ : - only";
  if (form.command.trim() === "") problems.command = "What agents shall run";
  if (splitNames(form.subscriptions).length === 0) problems.subscriptions = "At least one, or no agent runs it";
  if (form.schedule === "interval" && !WHOLE.test(form.interval)) problems.interval = "Whole seconds, from 1";
  if (form.schedule === "cron" && form.cron.trim() === "") problems.cron = "For example */5 * * * *";
  if (form.timeout !== "" && !WHOLE.test(form.timeout)) problems.timeout = "Whole seconds, from 1";
  return problems;
}

export function checkOf(namespace: string, form: CheckForm): Record<string, unknown> {
  return {
    metadata: { name: form.name, namespace },
    command: form.command.trim(),
    subscriptions: splitNames(form.subscriptions),
    handlers: splitNames(form.handlers),
    publish: form.schedule !== "none",
    // Every check needs a schedule, also one that is only run by hand.
    ...(form.schedule === "cron" ? { cron: form.cron.trim() } : { interval: Number(form.interval) || 60 }),
    ...(form.timeout === "" ? {} : { timeout: Number(form.timeout) }),
  };
}
