import { SensuError } from "@sensu-ts/core";
import { collectionPrefix, type KeyedType, namespaceKey, resourceKey } from "./keys.ts";
import type { Kv, KvOp } from "./kv/kv.ts";

const namespaced = (storePrefix: string): KeyedType => ({ scope: "namespaced", storePrefix });

/** What keeps a namespace from being deleted. */
const BLOCKING: readonly KeyedType[] = [
  "checks",
  "entity_configs",
  "assets",
  "handlers",
  "mutators",
  "event-filters",
  "hooks",
  "silenced",
].map(namespaced);

/** Made with the namespace and for it alone. */
const OWN: readonly KeyedType[] = ["rbac/roles", "rbac/rolebindings"].map(namespaced);
const OWN_NAME = "system:pipeline";
const ENTITY_STATES = namespaced("entity_states");

/**
 * Deletes an empty namespace with the objects made for it; what is created in it meanwhile either comes first and
 * keeps it, or finds it gone. False when there is none; throws `conflict` when it is not empty.
 */
export async function deleteNamespace(kv: Kv, namespace: string): Promise<boolean> {
  const key = namespaceKey(namespace);
  const ops: KvOp[] = [
    { op: "delete", key },
    { op: "deletePrefix", prefix: collectionPrefix(ENTITY_STATES, namespace) },
    ...OWN.map((type) => ({ op: "delete", key: resourceKey(type, { namespace, name: OWN_NAME }) }) as const),
  ];
  const empty = BLOCKING.map((type) => ({ prefix: collectionPrefix(type, namespace), empty: true }) as const);
  const { committed } = await kv.txn([{ key, exists: true }, ...empty], ops);
  if (committed) return true;
  if ((await kv.get(key)) === undefined) return false;
  throw new SensuError("conflict", "resource is invalid: namespace is not empty");
}
