/** `sensu-check NAME ...`: the small checks that `npm start` sets up; each prints one line and exits with its status. */
import { parseArgs } from "node:util";
import { cpu } from "./cpu.ts";
import { disk } from "./disk.ts";
import { file } from "./file.ts";
import { memory } from "./memory.ts";
import { port } from "./port.ts";
import { format, type Limits, type Result, STATUS } from "./result.ts";
import { url } from "./url.ts";

const USAGE = `usage:
  sensu-check cpu    [--warning 90] [--critical 98]
  sensu-check memory [--warning 90] [--critical 97]
  sensu-check disk   [--path /] [--warning 85] [--critical 95]
  sensu-check port   --host H --port N [--timeout 3000]
  sensu-check url    --url U [--timeout 5000]
  sensu-check file   --path P [--seconds 30]
`;

class UsageError extends Error {}

function number(text: string | undefined, fallback: number | undefined, name: string): number {
  const value = text === undefined ? fallback : Number(text);
  if (value === undefined || !Number.isFinite(value)) throw new UsageError(`--${name} needs a number`);
  return value;
}

function text(value: string | undefined, name: string): string {
  if (value === undefined || value === "") throw new UsageError(`--${name} is needed`);
  return value;
}

export async function check(argv: readonly string[]): Promise<Result> {
  const string = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      warning: string,
      critical: string,
      path: string,
      host: string,
      port: string,
      url: string,
      timeout: string,
      seconds: string,
    },
  });
  const limits = (warning: number, critical: number): Limits => ({
    warning: number(values.warning, warning, "warning"),
    critical: number(values.critical, critical, "critical"),
  });
  switch (positionals[0]) {
    case "cpu":
      return cpu(limits(90, 98));
    case "memory":
      return memory(limits(90, 97));
    case "disk":
      return disk(values.path ?? "/", limits(85, 95));
    case "port":
      return port(
        text(values.host, "host"),
        number(values.port, undefined, "port"),
        number(values.timeout, 3000, "timeout"),
      );
    case "url":
      return url(text(values.url, "url"), number(values.timeout, 5000, "timeout"));
    case "file":
      return file(text(values.path, "path"), number(values.seconds, 30, "seconds"), Date.now());
    default:
      throw new UsageError(`there is no check ${positionals[0] ?? "without a name"}`);
  }
}

if (import.meta.main) {
  try {
    const result = await check(process.argv.slice(2));
    process.stdout.write(format(result));
    process.exitCode = STATUS[result.status];
  } catch (error) {
    process.stdout.write(`UNKNOWN: ${(error as Error).message}\n`);
    if (error instanceof UsageError) process.stderr.write(USAGE);
    process.exitCode = STATUS.unknown;
  }
}
