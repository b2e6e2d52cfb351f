/** What a stored GlobalConfig changes in this backend (U-241, U-328). */
import { type CertificateSettings, certificateSettings, GlobalConfig, resourceOf } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { ResourceCache } from "@sensu-ts/store";
import { SYSTEM_NAMESPACE } from "./own-entity.ts";

export interface WebSettings {
  certificates(): CertificateSettings;
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
    onChange: (listener) =>
      cache.onChange((change) => {
        if (change.type.storePrefix === type.storePrefix) listener();
      }),
  };
}
