/**
 * The log of every program: one JSON object a line on stderr, keys sorted, as Sensu's operators and tools read it
 * (B-501 to B-506).
 */
const LEVELS = ["panic", "fatal", "error", "warning", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Extra keys of a line. An `error` value that is an Error is written as its message. Never put secrets here. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger with the same output and level whose lines carry `component`. */
  component(name: string): Logger;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly component: string;
  readonly milliseconds?: boolean;
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

/** Accepts the spellings of the original in any case; undefined for anything else. */
export function parseLogLevel(text: string): LogLevel | undefined {
  const word = text.toLowerCase();
  return LEVELS.find((level) => level === word || (level === "warning" && word === "warn"));
}

function timestamp(now: number, milliseconds: boolean): string {
  const iso = new Date(now).toISOString();
  if (!milliseconds) return `${iso.slice(0, 19)}Z`;
  return `${iso.slice(0, 23).replace(/\.?0+$/, "")}Z`;
}

function plain(value: unknown): unknown {
  if (value instanceof Error) {
    const { message, cause } = value;
    // A cause that the message quotes is not told twice.
    return cause instanceof Error && !message.includes(cause.message) ? `${message}: ${cause.message}` : message;
  }
  return typeof value === "bigint" ? value.toString() : value;
}

export class JsonLogger implements Logger {
  readonly #options: LogOptions;
  /** Shared by all component loggers of one program, so that a change of level reaches them all. */
  readonly #threshold: { level: LogLevel };

  constructor(options: LogOptions, threshold = { level: options.level }) {
    this.#options = options;
    this.#threshold = threshold;
  }

  get level(): LogLevel {
    return this.#threshold.level;
  }

  setLevel(level: LogLevel): void {
    this.#threshold.level = level;
  }

  /** SIGUSR1 (B-505): the next more verbose level; `trace` wraps to `error`. */
  cycleLevel(): void {
    const next = LEVELS[LEVELS.indexOf(this.#threshold.level) + 1] ?? "error";
    const text = `set log level to ${next}`;
    this.warn({}, text);
    this.#threshold.level = next;
    // The old level hid that line.
    if (next === "warning") this.warn({}, text);
  }

  component(name: string): JsonLogger {
    return new JsonLogger({ ...this.#options, component: name }, this.#threshold);
  }

  debug(fields: LogFields, message: string): void {
    this.#line("debug", fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.#line("info", fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.#line("warning", fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.#line("error", fields, message);
  }
  fatal(fields: LogFields, message: string): void {
    this.#line("fatal", fields, message);
  }

  #line(level: LogLevel, fields: LogFields, message: string): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.#threshold.level)) return;
    const { component, milliseconds = false, now = Date.now, write } = this.#options;
    const all: Record<string, unknown> = {
      component,
      ...fields,
      level,
      msg: message,
      time: timestamp(now(), milliseconds),
    };
    const sorted: Record<string, unknown> = {};
    for (const key of Object.keys(all).sort()) sorted[key] = plain(all[key]);
    const line = `${JSON.stringify(sorted)}\n`;
    if (write) write(line);
    else process.stderr.write(line);
  }
}
