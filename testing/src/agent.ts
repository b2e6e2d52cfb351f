import path from "node:path";
import type { Backend } from "./backend.ts";
import { bundleCommand, Program } from "./program.ts";

export interface AgentOptions {
  readonly name: string;
  readonly stateDir: string;
  readonly subscriptions?: readonly string[];
  readonly args?: readonly string[];
  /** The program and its first arguments; default: our bundle. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** An agent whose local listeners are off or on ports of the kernel's choice. */
export function startAgent(backend: Pick<Backend, "agents">, options: AgentOptions): Program {
  const command = [
    ...(options.command ?? bundleCommand("sensu-agent")),
    "start",
    ...["--name", options.name, "--backend-url", backend.agents],
    ...["--subscriptions", (options.subscriptions ?? ["test"]).join(",")],
    ...["--cache-dir", path.join(options.stateDir, "agent-cache")],
    ...["--log-level", "info", "--api-port", "0"],
    ...(options.args ?? []),
  ];
  return new Program(command, options.env ? { env: options.env } : {});
}
