/** The backend's own entity in namespace `sensu-system` (B-705), with the configured labels. */
import { arch, hostname, platform } from "node:os";
import { Entity, EntityConfig, EntityState, ObjectMeta, resourceOf, System } from "@sensu-ts/core";
import { type ResourceStore, splitEntity } from "@sensu-ts/store";
import type { BackendOptions } from "./options.ts";

export const SYSTEM_NAMESPACE = "sensu-system";
const GO_ARCH: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export function ownName(): string {
  return hostname().replace(/[^\w.\-:]/g, "-") || "backend";
}

export function ownEntity({ labels, annotations }: BackendOptions): Entity {
  return Entity.create({
    entity_class: "backend",
    metadata: ObjectMeta.create({ name: ownName(), namespace: SYSTEM_NAMESPACE, labels, annotations }),
    system: System.create({ hostname: hostname(), os: platform(), arch: GO_ARCH[arch()] ?? arch() }),
  });
}

export async function saveOwnEntity(store: ResourceStore, entity: Entity): Promise<void> {
  const { config, state } = splitEntity(entity);
  await store.apply([
    { op: "put", type: resourceOf(EntityConfig), value: config },
    { op: "put", type: resourceOf(EntityState), value: state },
  ]);
}
