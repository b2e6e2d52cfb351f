/** The agents' side of {@link composeBackend}: the gateway, and what mTLS adds to it. */
import type { EventStore, Kv } from "@sensu-ts/store";
import type { AcceptHash } from "../gateway/accept-hash.ts";
import { CertificateEvents } from "../gateway/certificate-events.ts";
import { Gateway, type GatewayOptions, type MutualTls } from "../gateway/gateway.ts";
import { RefusedAgents } from "../gateway/refused-agents.ts";
import { ShownCertificates } from "../state/shown-certificates.ts";
import type { TlsSources } from "./certificates/tls-sources.ts";
import type { BackendOptions } from "./options.ts";
import { ownName } from "./own-entity.ts";

type Parts = Pick<
  GatewayOptions,
  "access" | "namespaceExists" | "entities" | "ingest" | "keepalives" | "metrics" | "health" | "clock" | "log"
> & { readonly events: EventStore; readonly kv: Kv };

export function composeGateway(options: BackendOptions, tls: TlsSources, parts: Parts): Gateway {
  return new Gateway({
    listen: { host: options["agent-host"].replace(/^\[(.*)\]$/, "$1"), port: options["agent-port"] },
    tls: tls.agents,
    ...mutualTls(options, tls, parts),
    backendId: ownName(),
    serveWaitMs: options["agent-serve-wait-time"],
    writeTimeoutMs: options["agent-write-timeout"] * 1000,
    rateLimit: options["agent-rate-limit"],
    burstLimit: options["agent-burst-limit"],
    acceptHash: options["agent-websocket-accept-hash"] as AcceptHash,
    ...parts,
  });
}

function mutualTls(options: BackendOptions, { peers }: TlsSources, parts: Parts): { readonly mutual?: MutualTls } {
  if (!peers) return {};
  return {
    mutual: {
      peers,
      strict: options["agent-auth-strict-handshake"],
      certificateEvents: new CertificateEvents({
        ...parts,
        warningMs: options["agent-cert-expiry-warning"],
        criticalMs: options["agent-cert-expiry-critical"],
      }),
      shown: new ShownCertificates(parts),
      refusedAgents: new RefusedAgents({
        ...parts,
        backendEntity: ownName(),
        async unresolved(namespace, check, limit) {
          const { events } = await parts.events.list({ namespace, check, incidents: true, limit });
          return new Map(events.map(({ entity, columns }) => [entity, columns.timestamp * 1000]));
        },
      }),
    },
  };
}
