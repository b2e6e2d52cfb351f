/** The web page's side of {@link composeBackend}: what the page is shown, and its listener. */
import type { EntityConfig, EntityState, Namespace } from "@sensu-ts/core";
import { type Clock, close, createServer, type Logger, listen } from "@sensu-ts/runtime";
import type { ResourceCache, StoredType } from "@sensu-ts/store";
import { type Access, requireClientCertificate } from "../access/mod.ts";
import { API_LIMITS } from "../api/mod.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { accessPort, certificatesPort, entitiesPort, readBasePath, sessionsPort, Ui, type UiPorts } from "../ui/mod.ts";
import { caFiles } from "./certificates/certificates-in-use.ts";
import { storePairs } from "./certificates/store-tls.ts";
import { listenerCertificates, type TlsSources } from "./certificates/tls-sources.ts";
import { type Lifecycle, STOP_GRACE_MS } from "./lifecycle.ts";
import { announce } from "./listeners.ts";
import type { BackendOptions } from "./options.ts";
import { ownName } from "./own-entity.ts";
import { pageFolder } from "./page-folder.ts";
import { VERSION } from "./version.ts";
import type { WebSettings } from "./web-settings.ts";

const READ_TIMEOUT_MS = 15_000;

type Parts = Pick<UiPorts, "apiHandler" | "events" | "bus" | "traces" | "schedule" | "onError"> & {
  readonly access: Access;
  readonly cache: ResourceCache;
  readonly types: {
    readonly namespace: StoredType<Namespace>;
    readonly config: StoredType<EntityConfig>;
    readonly state: StoredType<EntityState>;
  };
  readonly gateway: Gateway;
  readonly settings: WebSettings;
  readonly clock: Clock;
};

export function composePage(options: BackendOptions, tls: TlsSources, parts: Parts): Ui {
  const { access, cache, types, gateway, settings, clock, ...ports } = parts;
  const namespaces = () => cache.list(types.namespace).map(({ name }) => name);
  return new Ui(
    {
      ...ports,
      access: accessPort(access, options["api-url"], cache, namespaces),
      entities: entitiesPort(cache, types),
      certificates: certificatesPort({
        backend: ownName(),
        listeners: listenerCertificates(options, tls),
        store: storePairs(options),
        caFiles: caFiles(options),
        agents: () => gateway.shownCertificates(),
        reminderMs: () => settings.certificates().reminderMs,
        crls: () => (tls.peers?.crls() ?? []).map((crl) => ({ ...crl, option: "agent-auth-crl-urls" })),
      }),
      sessions: sessionsPort({
        backend: ownName(),
        namespaces,
        of: (namespace) => gateway.sessions(namespace),
      }),
      signinMessage: () => settings.signinMessage(),
      now: () => clock.now(),
    },
    {
      pageFolder: pageFolder(),
      version: VERSION,
      basePath: readBasePath(options["dashboard-base-path"]),
    },
  );
}

interface Start {
  readonly ui: Ui;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly log: Logger;
}

export function startPage(
  options: BackendOptions,
  tls: TlsSources,
  { ui, lifecycle, clock, log }: Start,
): Promise<void> {
  const server = createServer(
    tls.page,
    requireClientCertificate({ peers: tls.pagePeers, clock, log }, ui.handler),
    API_LIMITS,
  );
  server.setTimeout(options["dashboard-write-timeout"]);
  server.requestTimeout = READ_TIMEOUT_MS;
  server.headersTimeout = READ_TIMEOUT_MS;
  const address = { host: options["dashboard-host"].replace(/^\[(.*)\]$/, "$1"), port: options["dashboard-port"] };
  const insecureOk = options["insecure-ok"];
  return lifecycle.start(
    "dashboardd",
    async () => {
      await ui.start();
      const bound = await listen(server, address);
      announce(log, { name: "dashboardd", bound, tls: tls.page, schemes: ["http", "https"], insecureOk });
    },
    async () => {
      await ui.stop();
      await close(server, STOP_GRACE_MS);
    },
  );
}
