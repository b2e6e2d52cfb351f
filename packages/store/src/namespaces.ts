import { SensuError } from "@sensu-ts/core";
import { collectionPrefix, type KeyedType, namespaceKey } from "./keys.ts";
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

/** Goes with the namespace: a new one of the same name must not inherit it (S-321). */
const OWN: readonly KeyedType[] = ["rbac/roles", "rbac/rolebindings", "pipelines", "entity_states"].map(namespaced);

/**
 * Deletes an empty namespace with the roles, bindings and pipelines in it; what is created in it meanwhile either
 * comes first and keeps it, or finds it gone. False when there is none; throws `conflict` when it is not empty.
 */
export async function deleteNamespace(kv: Kv, namespace: string): Promise<boolean> {
  const key = namespaceKey(namespace);
  const ops: KvOp[] = [
    { op: "delete", key },
    ...OWN.map((type) => ({ op: "deletePrefix", prefix: collectionPrefix(type, namespace) }) as const),
  ];
  const empty = BLOCKING.map((type) => ({ prefix: collectionPrefix(type, namespace), empty: true }) as const);
  const { committed } = await kv.txn([{ key, exists: true }, ...empty], ops);
  if (committed) return true;
  if ((await kv.get(key)) === undefined) return false;
  throw new SensuError("conflict", "resource is invalid: namespace is not empty");
}
