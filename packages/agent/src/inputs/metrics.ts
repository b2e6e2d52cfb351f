/** The agent's own metrics as Prometheus text (W-76). Written by hand: a library would cost more memory than the rest. */
import type { CertificateInUse } from "@sensu-ts/runtime";
import type { LinkCounters } from "../link/link.ts";

export function metricsText(link: LinkCounters, version: string, certificate: CertificateInUse | undefined): string {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const started = Date.now() / 1000 - process.uptime();
  const families: readonly (readonly [name: string, type: "counter" | "gauge", help: string, value: number])[] = [
    ["sensu_go_agent_messages_received", "counter", "Messages received from the backend", link.received],
    ["sensu_go_agent_messages_sent", "counter", "Messages sent to the backend", link.sent],
    ["sensu_go_agent_messages_dropped", "counter", "Messages that could not be sent", link.dropped],
    ["sensu_go_agent_new_connections", "counter", "Connections made to a backend", link.connections],
    ["sensu_go_agent_websocket_errors", "counter", "Connections that failed or broke", link.errors],
    ["process_cpu_seconds_total", "counter", "User and system CPU time in seconds", (user + system) / 1e6],
    ["process_resident_memory_bytes", "gauge", "Resident memory in bytes", rss],
    ["process_start_time_seconds", "gauge", "Start of the process since the epoch in seconds", started],
    ["nodejs_heap_size_used_bytes", "gauge", "Heap in use in bytes", heapUsed],
  ];
  const lines = families.flatMap(([name, type, help, value]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    `${name} ${value}`,
  ]);
  lines.push(
    "# HELP sensu_go_build_info Version of this program",
    "# TYPE sensu_go_build_info gauge",
    `sensu_go_build_info{version=${JSON.stringify(version)},buildsha="",goversion=${JSON.stringify(process.version)}} 1`,
  );
  if (certificate !== undefined) {
    const { path, commonName, serial, notAfter } = certificate;
    const labels = Object.entries({ path, cn: commonName, serial }).map(([name, value]) => `${name}=${quoted(value)}`);
    lines.push(
      "# HELP sensu_agent_tls_certificate_not_after_seconds End of the client certificate since the epoch in seconds",
      "# TYPE sensu_agent_tls_certificate_not_after_seconds gauge",
      `sensu_agent_tls_certificate_not_after_seconds{${labels.join(",")}} ${notAfter / 1000}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** A label's value as the text format wants it: unlike JSON it knows these three escapes only. */
function quoted(value: string): string {
  return `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
}
