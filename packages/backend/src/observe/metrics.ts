/** The registry behind `/metrics` (P-159, P-160). Each part registers its own series in it. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { Summary } from "./summary.ts";

export interface BuildInfo {
  readonly version: string;
  readonly commit: string;
}

export interface ApiMetrics {
  /** `milliseconds`: from the first byte in to the last byte out. */
  observe(method: string, status: number, milliseconds: number): void;
}

/** One registry a backend; it collects process and runtime series when asked. */
export function createRegistry(build: BuildInfo): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "sensu_go_build_info",
    help: "Sensu build information",
    labelNames: ["version", "buildsha", "goversion"],
    registers: [registry],
  }).set({ version: build.version, buildsha: build.commit, goversion: `node-${process.version}` }, 1);
  return registry;
}

export function createApiMetrics(registry: Registry): ApiMetrics {
  const requests = new Counter({
    name: "sensu_go_api_requests_total",
    help: "HTTP requests of the API",
    labelNames: ["method", "code"],
    registers: [registry],
  });
  const duration = new Summary(
    registry,
    "sensu_go_api_request_duration",
    "Milliseconds an HTTP request of the API took",
  );
  const clientErrors = new Counter({
    name: "sensu_go_api_client_errors_total",
    help: "HTTP requests of the API answered with a status of 400 to 499",
    labelNames: ["code"],
    registers: [registry],
  });
  return {
    observe(method, status, milliseconds) {
      const code = String(status);
      requests.inc({ method, code });
      duration.with({ method }).observe(milliseconds);
      if (status >= 400 && status < 500) clientErrors.inc({ code });
    },
  };
}
