/** `start`: time to the first useful output of the command line, against starting Node alone. */
import { spawnSync } from "node:child_process";
import { bundleCommand } from "@sensu-ts/testing";

const RUNS = 25;

export interface Timing {
  readonly name: string;
  /** Milliseconds, minimum and median of {@link RUNS} runs. */
  readonly min: number;
  readonly median: number;
}

function time(name: string, command: readonly string[], env: Record<string, string>): Timing {
  const [file = "", ...args] = command;
  const took = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(file, args, { env: { ...process.env, ...env }, encoding: "utf8" });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  return { name, min: took[0] ?? 0, median: took[RUNS >> 1] ?? 0 };
}

/** `home` holds a configured sensuctl. */
export function measureStart(home: string): readonly Timing[] {
  const sensuctl = bundleCommand("sensuctl");
  const env = { HOME: home, XDG_CONFIG_HOME: home };
  return [
    time("node -e 0", [process.execPath, "-e", "0"], env),
    time("sensuctl version", [...sensuctl, "version"], env),
    time("sensuctl --help", [...sensuctl, "--help"], env),
    time("sensuctl event list", [...sensuctl, "event", "list"], env),
  ];
}
