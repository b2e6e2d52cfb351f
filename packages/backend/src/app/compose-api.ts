/** The API server of {@link composeBackend}: its routes over the actions, and its listener. */
import type { RequestListener } from "node:http";
import { type Clock, close, createServer, listen, parseListenAddress } from "@sensu-ts/runtime";
import { requireClientCertificate } from "../access/mod.ts";
import { API_LIMITS, type ApiDeps, buildApi, StartupGate } from "../api/mod.ts";
import { createApiMetrics } from "../observe/metrics.ts";
import type { TlsSources } from "./certificates/tls-sources.ts";
import { type Lifecycle, STOP_GRACE_MS } from "./lifecycle.ts";
import { announce } from "./listeners.ts";
import type { BackendOptions } from "./options.ts";
import { COMPATIBLE_VERSION, VERSION } from "./version.ts";

type Api = ReturnType<typeof buildApi>;

type Parts = Pick<ApiDeps, "access" | "actions" | "registry" | "health" | "countEntities" | "log"> & {
  readonly clock: Clock;
  /** Serves the page's own endpoints, which this port has too. */
  readonly pageApi: RequestListener;
};

export function composeApi(options: BackendOptions, tls: TlsSources, { clock, pageApi, ...parts }: Parts): Api {
  return buildApi({
    ...parts,
    version: VERSION,
    compatibleVersion: COMPATIBLE_VERSION,
    metrics: createApiMetrics(parts.registry),
    gate: new StartupGate(options["api-serve-wait-time"] / 1000),
    requestLimit: options["api-request-limit"],
    writeTimeoutMs: options["api-write-timeout"],
    serverFactory: (handler: RequestListener) =>
      createServer(
        tls.api,
        requireClientCertificate({ peers: tls.apiPeers, clock, log: parts.log }, (request, response) =>
          isPageApi(request.url) ? pageApi(request, response) : handler(request, response),
        ),
        API_LIMITS,
      ),
  });
}

function isPageApi(url = ""): boolean {
  return url.startsWith("/api/ui/v1/");
}

interface Start {
  readonly api: Api;
  readonly lifecycle: Lifecycle;
  readonly log: ApiDeps["log"];
}

export function startApi(options: BackendOptions, tls: TlsSources, { api, lifecycle, log }: Start): Promise<void> {
  const insecureOk = options["insecure-ok"];
  return lifecycle.start(
    "apid",
    async () => {
      await api.ready();
      const bound = await listen(api.server, parseListenAddress(options["api-listen-address"]));
      announce(log, { name: "apid", bound, tls: tls.api, schemes: ["http", "https"], insecureOk });
    },
    () => close(api.server, STOP_GRACE_MS),
  );
}
