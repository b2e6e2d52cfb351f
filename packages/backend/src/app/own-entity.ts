/** The backend's own entity in namespace `sensu-system` (B-705), with the configured labels. */
import { hostname } from "node:os";
import { Entity, EntityConfig, EntityState, ObjectMeta, resourceOf } from "@sensu-ts/core";
import { SystemFacts } from "@sensu-ts/runtime";
import { type ResourceStore, splitEntity } from "@sensu-ts/store";
import type { BackendOptions } from "./options.ts";

export const SYSTEM_NAMESPACE = "sensu-system";

export function ownName(): string {
  return hostname().replace(/[^\w.\-:]/g, "-") || "backend";
}

/** With what this host is at the start. */
export async function ownEntity({ labels, annotations }: BackendOptions): Promise<Entity> {
  const facts = new SystemFacts({ networks: true, cloudProvider: false });
  await facts.start();
  facts.stop();
  return Entity.create({
    entity_class: "backend",
    metadata: ObjectMeta.create({ name: ownName(), namespace: SYSTEM_NAMESPACE, labels, annotations }),
    system: facts.current,
  });
}

export async function saveOwnEntity(store: ResourceStore, entity: Entity): Promise<void> {
  const { config, state } = splitEntity(entity);
  await store.apply([
    { op: "put", type: resourceOf(EntityConfig), value: config },
    { op: "put", type: resourceOf(EntityState), value: state },
  ]);
}
