/** What a stored GlobalConfig changes in this backend (U-241, U-328). */
import { type CertificateSettings, certificateSettings, GlobalConfig, resourceOf, signinMessage } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { ResourceCache } from "@sensu-ts/store";
import { SYSTEM_NAMESPACE } from "./own-entity.ts";

export interface WebSettings {
  certificates(): CertificateSettings;
  /** Markdown (U-17, U-242). */
  signinMessage(): string;
  onChange(listener: () => void): () => void;
}

/** `cache` holds the type. */
export function webSettings(
  cache: ResourceCache,
  namespaceExists: (namespace: string) => boolean,
  log: Logger,
): WebSettings {
  const type = resourceOf(GlobalConfig);
  return {
    certificates() {
      const settings = certificateSettings(cache.list(type), SYSTEM_NAMESPACE);
      const namespace = settings.eventsNamespace;
      if (namespaceExists(namespace)) return settings;
      log.error(
        { namespace },
        `GlobalConfig: spec.extensions.certificate_events.namespace ${namespace} does not exist, events of certificates stay in ${SYSTEM_NAMESPACE}`,
      );
      return { ...settings, eventsNamespace: SYSTEM_NAMESPACE };
    },
    signinMessage: () => signinMessage(cache.list(type)),
    onChange: (listener) =>
      cache.onChange((change) => {
        if (change.type.storePrefix === type.storePrefix) listener();
      }),
  };
}
