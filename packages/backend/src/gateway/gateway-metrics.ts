/** Series of agent sessions (W-5). */
import { Counter, Gauge, type Registry } from "prom-client";
import { Summary } from "../observe/summary.ts";
import type { CertificateStates } from "./certificate-states.ts";

export interface GatewayMetrics {
  /** An event of `size` bytes that is taken. */
  received(what: { readonly check?: unknown; readonly metrics?: unknown }, size: number): void;
  /** Milliseconds from the request to the 101 response. */
  upgraded(milliseconds: number): void;
  sessionError(error: string): void;
  socketError(
    op: "recv" | "send" | "close",
    error: "ConnectionError" | "ClosedError" | "UnknownError" | "CloseSession",
  ): void;
}

/** What the gauges read when they are asked. */
export interface GatewayState {
  /** By namespace. */
  sessionCounts(): ReadonlyMap<string, number>;
  certificateStates(): CertificateStates;
}

export function createGatewayMetrics(registry: Registry, state: () => GatewayState): GatewayMetrics {
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
      for (const [namespace, count] of state().sessionCounts()) this.set({ namespace }, count);
    },
  });
  certificateGauges(registers, () => state().certificateStates());
  const upgrade = new Summary(registry, "sensu_go_websocket_upgrade_duration", "Milliseconds of a WebSocket upgrade", [
    {},
  ]).with({});
  const bytes = new Summary(registry, "sensu_go_agentd_event_bytes", "Bytes of events received from agents");
  const both = bytes.with({ type: "check+metrics" });
  const checks = bytes.with({ type: "check" });
  const metrics = bytes.with({ type: "metrics" });
  const errors = new Counter({
    ...{ name: "sensu_go_session_errors", help: "Errors of agent sessions", labelNames: ["error"], registers },
  });
  const socketErrors = new Counter({
    ...{ name: "sensu_go_websocket_errors", help: "Errors of agent sockets", labelNames: ["op", "error"], registers },
  });
  return {
    received({ check, metrics: points }, size) {
      if (check) (points ? both : checks).observe(size);
      else metrics.observe(size);
    },
    upgraded: (milliseconds) => upgrade.observe(milliseconds),
    sessionError: (error) => errors.inc({ error }),
    socketError: (op, error) => socketErrors.inc({ op, error }),
  };
}

function certificateGauges(registers: Registry[], states: () => CertificateStates): void {
  const labelNames = ["status"];
  new Gauge({
    ...{
      name: "sensu_go_agent_certificates",
      help: "Number of different certificates of connected agents, by how they stand: ok, warning, critical",
      ...{ labelNames, registers },
    },
    collect() {
      this.reset();
      for (const [status, { count }] of states()) this.set({ status }, count);
    },
  });
  new Gauge({
    ...{
      name: "sensu_go_agent_certificates_first_not_after_seconds",
      help: "Earliest end of validity among the certificates of connected agents, Unix seconds",
      ...{ labelNames, registers },
    },
    collect() {
      this.reset();
      for (const [status, { notAfter }] of states()) this.set({ status }, Math.floor(notAfter / 1000));
    },
  });
}

/** Counts nothing: for tests and tools without a registry. */
export const uncounted: GatewayMetrics = { received() {}, upgraded() {}, sessionError() {}, socketError() {} };
