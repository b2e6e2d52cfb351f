/** What a first start puts into the store: checks of this machine, a handler and the pipeline between them. */
import path from "node:path";

export const SUBSCRIPTION = "local";

export interface SeedPlaces {
  readonly root: string;
  readonly stateDir: string;
  readonly apiUrl: string;
  readonly agentHost: string;
  readonly agentPort: number;
  /** Whom the checks of an https API trust. */
  readonly caFile?: string;
}

interface Seed {
  readonly path: string;
  readonly body: object;
}

/** A word for `sh -c`. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function touchFile(places: Pick<SeedPlaces, "stateDir">): string {
  return path.join(places.stateDir, "touch-me");
}

export function incidentsFile(places: Pick<SeedPlaces, "stateDir">): string {
  return path.join(places.stateDir, "incidents.jsonl");
}

/** The commands that depend on how the backend listens, which a later start may change. */
export function listenerChecks(places: SeedPlaces): Readonly<Record<string, string>> {
  const program = quote(path.join(places.root, "bin", "sensu-check"));
  const trust = places.caFile === undefined ? "" : `NODE_EXTRA_CA_CERTS=${quote(places.caFile)} `;
  return {
    "agent-port": `${program} port --host ${quote(places.agentHost)} --port ${places.agentPort}`,
    "api-url": `${trust}${program} url --url ${quote(`${places.apiUrl}/health`)}`,
  };
}

export function checkNames(): readonly string[] {
  return ["cpu", "memory", "disk", "agent-port", "api-url", "touch-me"];
}

export function seeds(places: SeedPlaces): readonly Seed[] {
  const program = quote(path.join(places.root, "bin", "sensu-check"));
  const touched = touchFile(places);
  const incidents = incidentsFile(places);
  const meta = (name: string, annotations: Record<string, string> = {}) => ({
    name,
    namespace: "default",
    annotations,
    ...(annotations["sensu-ts/try"] ? { labels: { first_steps: "true" } } : {}),
  });
  const listeners = listenerChecks(places);
  const check = (name: string, args: readonly string[], annotations: Record<string, string> = {}): Seed => ({
    path: `/api/core/v2/namespaces/default/checks/${name}`,
    body: {
      metadata: meta(name, annotations),
      command: listeners[name] ?? [program, ...args.map(quote)].join(" "),
      interval: name === "touch-me" ? 5 : 10,
      timeout: 10,
      publish: true,
      subscriptions: [SUBSCRIPTION],
      output_metric_format: "nagios_perfdata",
      pipelines: [{ name: "incidents", type: "Pipeline", api_version: "core/v2" }],
    },
  });
  return [
    {
      path: "/api/core/v2/namespaces/default/handlers/incident-file",
      body: {
        metadata: meta("incident-file", { description: "Appends each incident and its resolution to a file." }),
        type: "pipe",
        timeout: 10,
        command: `cat >> ${quote(incidents)} && echo >> ${quote(incidents)} && echo "appended to ${incidents}"`,
      },
    },
    {
      path: "/api/core/v2/namespaces/default/pipelines/incidents",
      body: {
        metadata: meta("incidents"),
        workflows: [
          {
            name: "to-file",
            filters: [
              { name: "is_incident", type: "EventFilter", api_version: "core/v2" },
              { name: "not_silenced", type: "EventFilter", api_version: "core/v2" },
            ],
            handler: { name: "incident-file", type: "Handler", api_version: "core/v2" },
          },
        ],
      },
    },
    check("cpu", ["cpu"]),
    check("memory", ["memory"]),
    check("disk", ["disk", "--path", "/"]),
    check("agent-port", []),
    check("api-url", []),
    check("touch-me", ["file", "--path", touched, "--seconds", "30"], {
      "sensu-ts/try": `To see an alert travel, run \`touch ${quote(touched)}\`: the check touch-me fails within 5 seconds, its pipeline writes the incident to ${incidents}, and half a minute later it resolves.`,
    }),
  ];
}
