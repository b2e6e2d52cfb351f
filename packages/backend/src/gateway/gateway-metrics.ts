/** Series of agent sessions (W-5). */
import { Counter, Gauge, type Registry, Summary } from "prom-client";
import { QUANTILES } from "../observe/metrics.ts";

export interface GatewayMetrics {
  /** Milliseconds from the request to the 101 response. */
  upgraded(milliseconds: number): void;
  sessionError(error: string): void;
  socketError(
    op: "recv" | "send" | "close",
    error: "ConnectionError" | "ClosedError" | "UnknownError" | "CloseSession",
  ): void;
}

/** `sessions` gives the number of sessions by namespace. */
export function createGatewayMetrics(registry: Registry, sessions: () => ReadonlyMap<string, number>): GatewayMetrics {
  const registers = [registry];
  new Gauge({
    ...{
      name: "sensu_go_agent_sessions",
      help: "Number of active agent sessions",
      labelNames: ["namespace"],
      registers,
    },
    collect() {
      this.reset();
      for (const [namespace, count] of sessions()) this.set({ namespace }, count);
    },
  });
  const upgrade = new Summary({
    name: "sensu_go_websocket_upgrade_duration",
    help: "Milliseconds of a WebSocket upgrade",
    percentiles: QUANTILES,
    registers,
  });
  const errors = new Counter({
    ...{ name: "sensu_go_session_errors", help: "Errors of agent sessions", labelNames: ["error"], registers },
  });
  const socketErrors = new Counter({
    ...{ name: "sensu_go_websocket_errors", help: "Errors of agent sockets", labelNames: ["op", "error"], registers },
  });
  return {
    upgraded: (milliseconds) => upgrade.observe(milliseconds),
    sessionError: (error) => errors.inc({ error }),
    socketError: (op, error) => socketErrors.inc({ op, error }),
  };
}

/** Counts nothing: for tests and tools without a registry. */
export const uncounted: GatewayMetrics = { upgraded() {}, sessionError() {}, socketError() {} };
